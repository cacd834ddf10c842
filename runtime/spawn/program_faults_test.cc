// Many programs, dying programs, a dying spawn server: nothing is lost, nothing is left.
#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <map>

#include "base/ordered_thread.h"
#include "testing/port_test.h"

namespace portlab {
namespace {

// The long versions run with ./lab test --long.
bool Long() { return std::getenv("PORTLAB_LONG") != nullptr; }

int OpenFds() {
  int count = 0;
  DIR* directory = ::opendir("/proc/self/fd");
  while (::readdir(directory) != nullptr) ++count;
  ::closedir(directory);
  return count;
}

// Of this process.
long ResidentKib() {
  std::ifstream file("/proc/self/statm");
  long size = 0;
  long resident = 0;
  file >> size >> resident;
  return resident * (::sysconf(_SC_PAGESIZE) / 1024);
}

std::vector<pid_t> ChildrenOf(pid_t pid) {
  const std::string task = "/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid);
  std::ifstream file(task + "/children");
  std::vector<pid_t> children;
  for (pid_t child = 0; file >> child;) children.push_back(child);
  return children;
}

pid_t SpawnServerOf(pid_t host) {
  for (const pid_t child : ChildrenOf(host)) {
    std::string name;
    std::ifstream("/proc/" + std::to_string(child) + "/comm") >> name;
    if (name.rfind("portlab-spawn", 0) == 0) return child;
  }
  return -1;
}

bool IsDead(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  return !std::getline(file, line) || line[line.rfind(") ") + 2] == 'Z';
}

class ProgramFaultsTest : public PortTest {
 protected:
  void SetUp() override {
    Open("{spawn,\"true\"}", "[]");  // so that there is a server
    EXPECT_EQ(Next(), "{'EXIT',P,normal}");
    while (runtime_.port_count() != 0) EXPECT_EQ(Next(1), "nothing");
    server_ = SpawnServerOf(::getpid());
    ASSERT_GT(server_, 0);
  }
  // Messages of one kind, counted by their text.
  std::map<std::string, int> Collect(int count) {
    std::map<std::string, int> seen;
    for (int i = 0; i < count; ++i) ++seen[Next(30'000)];
    return seen;
  }
  void ExpectNothingLeft(int fds) {
    const auto clean = [&] {
      return ChildrenOf(server_).empty() && OpenFds() == fds && runtime_.port_count() == 0;
    };
    for (int i = 0; i < 2000 && !clean(); ++i) EXPECT_EQ(Next(1), "nothing");
    EXPECT_TRUE(ChildrenOf(server_).empty()) << "zombies or survivors";
    EXPECT_EQ(OpenFds(), fds);
    EXPECT_EQ(runtime_.port_count(), 0u);
  }

  pid_t server_ = -1;
};

TEST_F(ProgramFaultsTest, AThousandProgramsAtOnceNeitherFailNorTimeOut) {
  rlimit limit = {};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  const int fds = OpenFds();
  const int programs = 1000;
  for (int i = 0; i < programs; ++i) {
    Open("{spawn_executable,\"/bin/sh\"}", "[exit_status,{args,[\"-c\",\"read x; exit 7\"]}]");
  }
  EXPECT_EQ(runtime_.port_count(), 1000u);
  for (const PortId port : runtime_.Ports()) EXPECT_TRUE(Command(port, "go\n"));
  const auto seen = Collect(2 * programs);
  EXPECT_EQ(seen, (std::map<std::string, int>{{"{P,{exit_status,7}}", programs},
                                              {"{'EXIT',P,normal}", programs}}));
  ExpectNothingLeft(fds);
}

TEST_F(ProgramFaultsTest, CrashingProgramsLeaveNothing) {
  const int fds = OpenFds();
  const int rounds = Long() ? 500 : 20;
  for (int round = 0; round < rounds; ++round) {
    for (const char* how : {"kill -SEGV $$", "kill -9 $$", "kill -ABRT $$", "exit 1"}) {
      for (int i = 0; i < 5; ++i) Sh(std::string("ulimit -c 0; ") + how, "exit_status");
    }
    const auto seen = Collect(40);
    EXPECT_EQ(seen, (std::map<std::string, int>{{"{P,{exit_status,139}}", 5},
                                                {"{P,{exit_status,137}}", 5},
                                                {"{P,{exit_status,134}}", 5},
                                                {"{P,{exit_status,1}}", 5},
                                                {"{'EXIT',P,normal}", 20}}));
  }
  ExpectNothingLeft(fds);
}

TEST_F(ProgramFaultsTest, ProgramsThatCannotStartLeaveNothing) {
  const int fds = OpenFds();
  for (int i = 0; i < 50; ++i) {
    Open("{spawn_executable,\"/tmp\"}", "[exit_status]");
    EXPECT_EQ(Next(), "{P,{exit_status,13}}");
    EXPECT_EQ(Next(), "{'EXIT',P,normal}");
  }
  ExpectNothingLeft(fds);
}

TEST_F(ProgramFaultsTest, ALostServerIsSaidAndReplaced) {
  for (int i = 0; i < 3; ++i) Open("{spawn,\"cat\"}", "[exit_status]");
  Open("{spawn,\"cat\"}", "[contained,{exit_status,full}]");
  ::kill(server_, SIGKILL);
  // A keeper outlives the server just long enough to end what it keeps, and to say so.
  EXPECT_EQ(Collect(5), (std::map<std::string, int>{{"{'EXIT',P,spawn_server_lost}", 3},
                                                    {"{P,{exit_status,{signaled,15,false}}}", 1},
                                                    {"{'EXIT',P,normal}", 1}}));
  // Its channels end before it does; what it is sent in between is lost with it.
  while (!IsDead(server_)) EXPECT_EQ(Next(1), "nothing");
  const PortId port = Open("{spawn,\"cat\"}", "[binary]");
  EXPECT_TRUE(Command(port, "again"));
  EXPECT_EQ(Next(), "{P,{data,<<\"again\">>}}");
  EXPECT_NE(SpawnServerOf(::getpid()), server_);
}

// What the old server had not begun is begun by the new one; nobody is told.
TEST_F(ProgramFaultsTest, AStartSentToADyingServerIsSentAgain) {
  const int fds = OpenFds();
  ::kill(server_, SIGSTOP);
  std::string opened;
  OrderedThread opener("opener", [&] {
    ThreadProcess me(runtime_.processes());
    me->set_trap_exit(true);
    const auto port = runtime_.OpenPort(*me, "{spawn,\"sh -c 'exit 4'\"}", "[exit_status]");
    if (!port) {
      opened = port.error().Reason();
      return;
    }
    const auto message = me->ReceiveUntil(MonotonicNow() + 10'000 * kMillisecond);
    if (message) opened = message->tuple()[1].ToString();
    me->ReceiveUntil(MonotonicNow() + 10'000 * kMillisecond);
  });
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Next(10), "nothing");  // it is in the old server's socket
  EXPECT_EQ(runtime_.port_count(), 1u);
  ::kill(server_, SIGKILL);
  opener.Join();
  EXPECT_EQ(opened, "{exit_status,4}");
  server_ = SpawnServerOf(::getpid());
  ExpectNothingLeft(fds);
}

TEST_F(ProgramFaultsTest, AStartThatHangsTimesOut) {
  const int fds = OpenFds();
  ::kill(server_, SIGSTOP);
  EXPECT_EQ(Refusal("{spawn,\"cat\"}", "[{start_timeout,50}]"), "etimedout");
  ::kill(server_, SIGCONT);
  // A later start, so that the server has been at the one that nobody waits for any more.
  Open("{spawn,\"true\"}", "[]");
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
  ExpectNothingLeft(fds);
}

TEST_F(ProgramFaultsTest, AHostileHeaderIsAnErrorAtOnce) {
  Sh("printf '\\377\\377\\377\\377'; sleep 5", "{packet,4}");
  EXPECT_EQ(Next(), "{'EXIT',P,einval}");
}

// The program's word is not taken for it, and nobody reads: what the host holds does not grow.
TEST_F(ProgramFaultsTest, WhatAHostileProgramMakesTheHostHoldIsBounded) {
  const long before = ResidentKib();
  Sh("printf '\\377\\377\\377\\377'; exec yes", "{packet,4}");
  EXPECT_EQ(Next(), "{'EXIT',P,einval}");
  // Allowed to come, not made room for.
  const PortId long_packet = Sh("printf '\\3\\0\\0\\0'; exec sleep 60", "{packet,4}");
  const PortId flood = Sh("exec yes", "binary,{window,65536}");
  const PortId framed = Sh("printf '\\0\\100\\0\\0'; exec yes", "{packet,4},{window,65536}");
  std::string held;
  const auto hold = [&](int milliseconds) {
    const auto message = self().ReceiveUntil(MonotonicNow() + milliseconds * kMillisecond);
    if (!message) return false;
    const Term what = message->tuple()[1];
    EXPECT_TRUE(what.is_tagged("data", 2)) << message->ToString();
    held += what.is_tagged("data", 2) ? AsText(what.tuple()[1].binary()) : "";
    return true;
  };
  while (held.size() < 65536 && hold(10'000)) {
  }
  const int rounds = Long() ? 100 : 5;
  for (int i = 0; i < rounds; ++i) EXPECT_FALSE(hold(50)) << "more than the window";
  EXPECT_EQ(held.size(), 65536u) << "of the flood; a packet that is not complete is no message";
  EXPECT_EQ(Info(flood, "input"), 65536);
  const long grown = ResidentKib() - before;
  std::printf("resident: %ld KiB before, %ld KiB more after\n", before, grown);
  EXPECT_LT(grown, 32 * 1024);
  for (const PortId port : {long_packet, flood, framed}) runtime_.PortClose(self(), port);
}

TEST_F(ProgramFaultsTest, NoDescriptorsLeftIsEmfile) {
  const int fds = OpenFds();
  rlimit before = {};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const int next = ::dup(STDOUT_FILENO);
  ::close(next);
  const rlimit few = {static_cast<rlim_t>(next), before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &few);
  EXPECT_EQ(Refusal("{spawn,\"cat\"}", "[]"), "emfile");
  ::setrlimit(RLIMIT_NOFILE, &before);
  ExpectNothingLeft(fds);
}

}  // namespace
}  // namespace portlab
