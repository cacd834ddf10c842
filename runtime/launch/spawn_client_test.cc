#include "launch/spawn_client.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "launch/launch_test_support.h"
#include "launch/spawn_protocol.h"

namespace portlab {
namespace {

using launch_test::Eventually;
using launch_test::HasAnyChild;
using launch_test::kListDescriptors;
using launch_test::OpenDescriptors;
using launch_test::ReadAll;
using launch_test::Runs;

ProgramSpec Shell(const std::string& script) {
  ProgramSpec spec;
  spec.file = "/bin/sh";
  spec.args = {"-c", script};
  spec.environment = {"PATH=/usr/bin:/bin"};
  return spec;
}

std::optional<StatusRecord> NextRecord(const ProgramPipes& pipes) {
  pollfd ready = {pipes.status.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&ready, 1, 10'000), 1) << "no status";
  StatusRecord record;
  const ssize_t size = ::read(pipes.status.get(), &record, sizeof record);
  if (size != sizeof record) return std::nullopt;
  return record;
}

pid_t StartedPid(const ProgramPipes& pipes) {
  const auto record = NextRecord(pipes);
  EXPECT_TRUE(record && record->kind == StatusRecord::kStarted);
  return record ? record->value : -1;
}

std::string Ended(const ProgramPipes& pipes) {
  const auto record = NextRecord(pipes);
  if (!record) return "end of file";
  EXPECT_EQ(record->kind, StatusRecord::kExited);
  EXPECT_FALSE(NextRecord(pipes)) << "nothing follows the end";
  return WaitStatus(record->value).ToString();
}

class SpawnClientTest : public testing::Test {
 protected:
  ProgramPipes Start(const ProgramSpec& spec) {
    auto pipes = client_->Start(spec);
    EXPECT_TRUE(pipes) << pipes.error().ToString();
    return pipes ? std::move(*pipes) : ProgramPipes();
  }

  std::string OutputOf(const ProgramSpec& spec) {
    const ProgramPipes pipes = Start(spec);
    StartedPid(pipes);
    const std::string output = ReadAll(pipes.from_program.get());
    EXPECT_EQ(Ended(pipes), "exited 0");
    return output;
  }

  void KillServer() {
    const pid_t server = client_->server_pid();
    ASSERT_GT(server, 0);
    ::kill(server, SIGKILL);
    ASSERT_TRUE(Eventually([&] { return client_->server_pid() == 0; }));
  }

  std::unique_ptr<SpawnClient> client_ = std::make_unique<SpawnClient>(PORTLAB_TEST_SPAWN_SERVER);
};

TEST_F(SpawnClientTest, ProgramEchoesAndItsEndIsReported) {
  ProgramPipes pipes = Start(Shell("cat; exit 3"));
  EXPECT_GT(StartedPid(pipes), 0);
  for (const UniqueFd* fd : {&pipes.to_program, &pipes.from_program, &pipes.status}) {
    EXPECT_TRUE(::fcntl(fd->get(), F_GETFD) & FD_CLOEXEC);
    EXPECT_TRUE(::fcntl(fd->get(), F_GETFL) & O_NONBLOCK);
  }
  ASSERT_EQ(::write(pipes.to_program.get(), "hello", 5), 5);
  pipes.to_program.Reset();
  EXPECT_EQ(ReadAll(pipes.from_program.get()), "hello");
  EXPECT_EQ(Ended(pipes), "exited 3");
}

TEST_F(SpawnClientTest, ExitCodeAndSignalAreToldApart) {
  ProgramPipes exits = Start(Shell("exit 139"));
  StartedPid(exits);
  EXPECT_EQ(Ended(exits), "exited 139");
  ProgramPipes dies = Start(Shell("ulimit -c 0; kill -SEGV $$"));
  StartedPid(dies);
  EXPECT_EQ(Ended(dies), "killed by SIGSEGV");
}

TEST_F(SpawnClientTest, StartErrorsComeBackAsRecords) {
  const auto error_of = [&](const ProgramSpec& spec, StatusRecord::Kind kind) {
    const ProgramPipes pipes = Start(spec);
    const auto record = NextRecord(pipes);
    EXPECT_TRUE(record && record->kind == kind);
    EXPECT_FALSE(NextRecord(pipes));
    return record ? record->value : 0;
  };
  ProgramSpec spec;
  spec.file = "/no/such/program";
  EXPECT_EQ(error_of(spec, StatusRecord::kStartFailed), ENOENT);
  spec.file = "/etc/passwd";
  EXPECT_EQ(error_of(spec, StatusRecord::kStartFailed), EACCES);
  spec = Shell("exit 0");
  spec.directory = "/no/such/directory";
  EXPECT_EQ(error_of(spec, StatusRecord::kDirectoryFailed), ENOENT);
  EXPECT_EQ(OutputOf(Shell("cat /proc/$PPID/task/*/children | wc -w")), "1\n") << "zombies";
}

TEST_F(SpawnClientTest, EnvironmentDirectoryAndArg0AreThePrograms) {
  ProgramSpec spec = Shell("echo $0; pwd; /usr/bin/env | sort | grep -v -e ^_= -e ^PWD=");
  spec.arg0 = "name";
  spec.args = {"-c", spec.args[1]};
  spec.environment = {"B=2", "A=1"};
  spec.directory = "/usr";
  EXPECT_EQ(OutputOf(spec), "name\n/usr\nA=1\nB=2\n");
  char current[4096];
  ASSERT_NE(::getcwd(current, sizeof current), nullptr);
  ASSERT_EQ(::chdir("/usr"), 0);
  spec = Shell("pwd");
  EXPECT_EQ(OutputOf(spec), "/usr\n");
  spec.directory = "bin";
  EXPECT_EQ(OutputOf(spec), "/usr/bin\n");
  ASSERT_EQ(::chdir(current), 0);
}

TEST_F(SpawnClientTest, ProgramHasOnlyItsDescriptorsSessionAndSignals) {
  const UniqueFd leaked(::open("/dev/null", O_RDONLY));
  EXPECT_EQ(OutputOf(Shell(kListDescriptors)), "0\n1\n2\n");
  EXPECT_EQ(
      OutputOf(Shell("set -- $(cat /proc/$$/stat); [ $1 = $5 ] && [ $1 = $6 ] && echo leads")),
      "leads\n");
  ProgramSpec sed;
  sed.file = "/bin/sed";
  sed.args = {"-n", "-E", "/^Sig(Blk|Ign|Cgt)/p", "/proc/self/status"};
  EXPECT_EQ(OutputOf(sed),
            "SigBlk:\t0000000000000000\nSigIgn:\t0000000000001080\nSigCgt:\t0000000000000000\n");
}

TEST_F(SpawnClientTest, NouseStdioGivesThreeAndFour) {
  ProgramSpec spec = Shell("read line <&3; echo \"got $line\" >&4; exec >&4; " + kListDescriptors);
  spec.use_stdio = false;
  ProgramPipes pipes = Start(spec);
  StartedPid(pipes);
  ASSERT_EQ(::write(pipes.to_program.get(), "it\n", 3), 3);
  EXPECT_EQ(ReadAll(pipes.from_program.get()), "got it\n0\n1\n2\n3\n4\n");
  EXPECT_EQ(Ended(pipes), "exited 0");
}

TEST_F(SpawnClientTest, StderrGoesToStdoutOnlyIfAsked) {
  ProgramSpec spec = Shell("echo out; echo err >&2");
  spec.stderr_to_stdout = true;
  EXPECT_EQ(OutputOf(spec), "out\nerr\n");
  spec = Shell("[ /proc/$$/fd/1 -ef /proc/$$/fd/2 ] || readlink /proc/$$/fd/2");
  char own[256] = {};
  ASSERT_GT(::readlink("/proc/self/fd/2", own, sizeof own - 1), 0);
  EXPECT_EQ(OutputOf(spec), std::string(own) + "\n");
}

TEST_F(SpawnClientTest, OneWayProgramsHaveOneWay) {
  ProgramSpec in = Shell("cat; echo end");
  in.write = false;
  ProgramPipes pipes = Start(in);
  EXPECT_FALSE(pipes.to_program);
  EXPECT_EQ(ReadAll(pipes.from_program.get()), "end\n");
  ProgramSpec out = Shell("read line; [ \"$line\" = x ] && exit 4");
  out.read = false;
  pipes = Start(out);
  EXPECT_FALSE(pipes.from_program);
  ASSERT_EQ(::write(pipes.to_program.get(), "x\n", 2), 2);
  StartedPid(pipes);
  EXPECT_EQ(Ended(pipes), "exited 4");
}

TEST_F(SpawnClientTest, SignalReachesOnlyItsOwnPrograms) {
  EXPECT_EQ(client_->Signal(::getpid(), 0).error().error_number, EPIPE) << "no server yet";
  const ProgramPipes pipes = Start(Shell("exec sleep 1000"));
  const pid_t pid = StartedPid(pipes);
  EXPECT_EQ(client_->Signal(::getpid(), SIGKILL).error().error_number, ESRCH);
  EXPECT_EQ(client_->Signal(pid, 1000).error().error_number, EINVAL);
  EXPECT_TRUE(client_->Signal(pid, SIGINT));
  EXPECT_EQ(Ended(pipes), "killed by SIGINT");
  EXPECT_EQ(client_->Signal(pid, SIGINT).error().error_number, ESRCH);
}

TEST_F(SpawnClientTest, ServerDiesAndTheNextStartWorks) {
  const ProgramPipes lost = Start(Shell("exec sleep 1000"));
  const pid_t pid = StartedPid(lost);
  KillServer();
  EXPECT_EQ(Ended(lost), "end of file");
  EXPECT_TRUE(Eventually([&] { return !Runs(pid); })) << "it goes with its server";
  EXPECT_EQ(OutputOf(Shell("echo again")), "again\n");
}

TEST_F(SpawnClientTest, DestructorEndsProgramsAndServer) {
  const std::set<int> before = OpenDescriptors();
  {
    const ProgramPipes polite = Start(Shell("exec sleep 1000"));
    const ProgramPipes stubborn =
        Start(Shell("trap '' TERM; echo ready; while :; do sleep 1; done"));
    StartedPid(polite);
    StartedPid(stubborn);
    char ready[6];
    ASSERT_TRUE(Eventually([&] { return ::read(stubborn.from_program.get(), ready, 6) == 6; }));
    client_.reset();
    EXPECT_EQ(Ended(polite), "killed by SIGTERM");
    EXPECT_EQ(Ended(stubborn), "killed by SIGKILL");
  }
  EXPECT_FALSE(HasAnyChild());
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST_F(SpawnClientTest, TwoHundredStartsLeaveNoDescriptorHereNorThere) {
  const auto open_there = [&] { return std::stoi(OutputOf(Shell("ls /proc/$PPID/fd | wc -l"))); };
  const int there = open_there();
  const std::set<int> before = OpenDescriptors();
  for (int i = 0; i < 200; ++i) {
    const ProgramPipes pipes =
        Start(Shell(i % 2 == 0 ? "exit 0" : "exec /no/such/program 2>/dev/null"));
    StartedPid(pipes);
    EXPECT_EQ(Ended(pipes), i % 2 == 0 ? "exited 0" : "exited 127");
  }
  EXPECT_EQ(OpenDescriptors(), before);
  // It may still be at the start of the very program that looks.
  EXPECT_NEAR(open_there(), there, 3);
}

TEST_F(SpawnClientTest, ThreadsMayStartAtOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(OutputOf(Shell("echo " + std::to_string(t * 100 + i))),
                  std::to_string(t * 100 + i) + "\n");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(SpawnClientTest, MissingServerIsAnError) {
  SpawnClient client("/no/such/server");
  const auto pipes = client.Start(Shell("exit 0"));
  ASSERT_FALSE(pipes);
  EXPECT_EQ(pipes.error().error_number, ENOENT);
  EXPECT_FALSE(HasAnyChild());
}

TEST_F(SpawnClientTest, StoppedServerIsReplacedInTheEnd) {
  client_ = std::make_unique<SpawnClient>(PORTLAB_TEST_SPAWN_SERVER, 200 * kMillisecond);
  EXPECT_EQ(OutputOf(Shell("echo first")), "first\n");
  ::kill(client_->server_pid(), SIGSTOP);
  ProgramSpec large = Shell("exit 0");
  for (int i = 0; i < 10; ++i) large.environment.push_back("X=" + std::string(100'000, 'x'));
  const ProgramPipes pipes = Start(large);  // more than a socket holds, and nobody reads
  StartedPid(pipes);
  EXPECT_EQ(Ended(pipes), "exited 0");
}

// Nothing here waits for the server: if Start did, this test would not end.
TEST_F(SpawnClientTest, AServerThatFallsBehindIsNotWaitedFor) {
  client_ = std::make_unique<SpawnClient>(PORTLAB_TEST_SPAWN_SERVER, 3'600'000 * kMillisecond);
  EXPECT_EQ(OutputOf(Shell("echo first")), "first\n");
  const std::set<int> before = OpenDescriptors();
  const pid_t server = client_->server_pid();
  ::kill(server, SIGSTOP);
  std::vector<ProgramPipes> all;
  for (int i = 0; i < 30; ++i) {
    ProgramSpec large = Shell("echo " + std::to_string(i));
    large.environment.push_back("X=" + std::string(100'000, 'x'));
    all.push_back(Start(large));
  }
  ::kill(server, SIGCONT);
  for (int i = 0; i < 30; ++i) {
    StartedPid(all[i]);
    EXPECT_EQ(ReadAll(all[i].from_program.get()), std::to_string(i) + "\n") << "in order";
    EXPECT_EQ(Ended(all[i]), "exited 0");
  }
  EXPECT_EQ(client_->server_pid(), server);
  all.clear();
  EXPECT_EQ(OpenDescriptors().size(), before.size() + 1) << "the thread's eventfd";
}

TEST_F(SpawnClientTest, WhatWaitsWhenAllEndsIsForgotten) {
  const std::set<int> before = OpenDescriptors();
  client_ = std::make_unique<SpawnClient>(PORTLAB_TEST_SPAWN_SERVER, 3'600'000 * kMillisecond);
  EXPECT_EQ(OutputOf(Shell("echo first")), "first\n");
  ::kill(client_->server_pid(), SIGSTOP);
  std::vector<ProgramPipes> all;
  for (int i = 0; i < 30; ++i) {
    ProgramSpec large = Shell("exec sleep 1000");
    large.environment.push_back("X=" + std::string(100'000, 'x'));
    all.push_back(Start(large));
  }
  ::kill(client_->server_pid(), SIGCONT);
  client_.reset();
  EXPECT_FALSE(HasAnyChild());
  all.clear();
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST(DefaultServerPathTest, EnvironmentOverrides) {
  ::unsetenv("PORTLAB_SPAWN_SERVER");
  const std::string path = SpawnClient::DefaultServerPath();
  EXPECT_EQ(path.front(), '/');
  EXPECT_EQ(path.substr(path.rfind('/')), "/portlab-spawn-server");
  ASSERT_EQ(::setenv("PORTLAB_SPAWN_SERVER", "/elsewhere", 1), 0);
  EXPECT_EQ(SpawnClient::DefaultServerPath(), "/elsewhere");
  ::unsetenv("PORTLAB_SPAWN_SERVER");
}

}  // namespace
}  // namespace portlab
