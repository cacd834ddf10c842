// Every system call on the way from open_port to a program and back fails at least once, with each
// error that it can have: the error is the right one, and nothing is left of the program.
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "launch/cgroup.h"
#include "launch/descendants.h"
#include "launch/spawn_client.h"
#include "launch/spawn_protocol.h"
#include "portlab/program.h"
#include "testing/fault_calls.h"
#include "testing/port_test.h"

namespace portlab {
namespace {

constexpr char kWorks[] = "works";
constexpr int kMostOfOneCall = 6;  // the first calls of a kind and process are made to fail

// A program's life, and the last message of it when all went well.
struct Scenario {
  const char* name;
  const char* script;
  const char* options;
  bool is_asked_to_end;
  const char* last_but_one;
};

constexpr Scenario kScenarios[] = {
    {"program", "read x; echo $x; exit 3", "{cd,\"/\"},{rlimit,[{core,0}]},{stderr,separate}",
     false, "{P,{exit_status,3}}"},
    {"contained", "trap '' TERM; read x; echo $x; while :; do sleep 1; done",
     "contained,{grace,20},{exit_status,full}", true, "{P,{exit_status,{killed_by_us,asked}}}"},
    {"terminal", "stty -echo -onlcr; echo; read x; echo $x; exit 3", "pty", false,
     "{P,{exit_status,3}}"},
};

int OpenFds() {
  int count = 0;
  DIR* directory = ::opendir("/proc/self/fd");
  while (::readdir(directory) != nullptr) ++count;
  ::closedir(directory);
  return count;
}

// One host with one program; the host's end too.
class Life {
 public:
  // `arm` is called when the host is there and has done nothing for a program yet.
  Life(const Scenario& scenario, std::function<void()> arm)
      : scenario_(scenario), arm_(std::move(arm)) {}

  // "works", "refused emfile", or what came in place of what should.
  std::string Run() {
    RuntimeOptions options;
    options.spawn_server = PORTLAB_SPAWN_SERVER_PATH;
    runtime_ = std::make_unique<Runtime>(options);
    self_ = std::make_unique<ThreadProcess>(runtime_->processes());
    (*self_)->set_trap_exit(true);
    arm_();
    const std::string result = Use();
    for (int i = 0; i < 10'000 && runtime_->port_count() != 0; ++i) Receive(1);
    EXPECT_EQ(runtime_->port_count(), 0u) << result;
    self_.reset();
    runtime_.reset();
    return result;
  }

 private:
  std::string Use() {
    const std::string arguments = "[exit_status,binary,{args,[\"-c\"," +
                                  Term::String(scenario_.script).ToString() + "]}," +
                                  scenario_.options + "]";
    const auto port = runtime_->OpenPort(**self_, "{spawn_executable,\"/bin/sh\"}", arguments);
    if (!port) return "refused " + port.error().Reason();
    std::string wrong;
    if (scenario_.options == std::string_view("pty")) wrong = ReadData();
    (void)runtime_->PortCommand(**self_, *port, Term::Binary("hello\n"));
    if (wrong.empty()) wrong = ReadData();
    if (scenario_.is_asked_to_end && wrong.empty()) {
      (void)runtime_->PortControl(**self_, *port, kProgramEnd, Bytes());
    }
    const std::string end = wrong.empty() ? Next() : wrong;
    const std::string last = end == "nothing" ? end : Next();
    (void)runtime_->PortClose(**self_, *port);
    if (end == scenario_.last_but_one && last == "{'EXIT',P,normal}") return kWorks;
    return end + " " + last;
  }

  // A line of output, in however many pieces; what came in its place.
  std::string ReadData() {
    std::string data;
    while (data.empty() || data.back() != '\n') {
      const std::optional<Term> message = Receive(10'000);
      if (!message) return "nothing";
      if (message->tuple().size() != 2 || !message->tuple()[1].is_tagged("data", 2)) {
        return Text(*message);
      }
      data += AsText(message->tuple()[1].tuple()[1].binary());
    }
    return {};
  }

  std::optional<Term> Receive(int milliseconds) {
    return (*self_)->ReceiveUntil(MonotonicNow() + milliseconds * kMillisecond);
  }
  static std::string Text(const Term& message) {
    std::string text = message.ToString();
    for (std::size_t at; (at = text.find("#Port<")) != std::string::npos;) {
      text.replace(at, text.find('>', at) + 1 - at, "P");
    }
    return text;
  }
  std::string Next(int milliseconds = 10'000) {
    const std::optional<Term> message = Receive(milliseconds);
    return message ? Text(*message) : "nothing";
  }

  const Scenario& scenario_;
  const std::function<void()> arm_;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<ThreadProcess> self_;
};

// Processes that came to us, our server's or its program's; they are ended.
int Survivors() {
  int count = 0;
  for (int round = 0; round < 1000 && !DirectChildren().empty(); ++round) {
    while (::waitpid(-1, nullptr, WNOHANG) > 0) ++count;
    if (round > 500) KillAdopted(0, true, 0);
    ::usleep(round == 0 ? 0 : 10'000);
  }
  return count;
}

// What a call may fail with that a program's owner can be told, and what must go unseen.
struct Errors {
  FaultCall call;
  std::vector<int> told;
  std::vector<int> unseen;
};

const std::vector<Errors>& AllErrors() {
  static const std::vector<Errors> errors = {
      {FaultCall::kAccess, {ENOMEM}, {}},
      {FaultCall::kChdir, {ENOMEM, ENOENT}, {}},
      {FaultCall::kClone3, {EAGAIN, ENOMEM, EMFILE}, {}},
      {FaultCall::kCloseRange, {ENOMEM}, {}},
      {FaultCall::kDup, {EMFILE}, {}},
      {FaultCall::kDup3, {EMFILE}, {}},
      {FaultCall::kEpollCreate, {EMFILE, ENFILE, ENOMEM}, {}},
      {FaultCall::kEpollCtl, {ENOMEM, ENOSPC}, {}},
      {FaultCall::kEpollWait, {}, {EINTR}},
      {FaultCall::kEventfd, {EMFILE, ENFILE, ENOMEM}, {}},
      {FaultCall::kExecve, {ENOMEM, EAGAIN, EMFILE, E2BIG}, {}},
      {FaultCall::kFcntl, {ENOMEM}, {}},
      {FaultCall::kMmap, {ENOMEM, EAGAIN}, {}},
      {FaultCall::kMprotect, {ENOMEM}, {}},
      {FaultCall::kOpen, {EMFILE, ENFILE, ENOMEM}, {}},
      {FaultCall::kPidfdOpen, {EMFILE, ENFILE, ENOMEM}, {}},
      {FaultCall::kPipe2, {EMFILE, ENFILE}, {}},
      {FaultCall::kPoll, {}, {EINTR}},
      {FaultCall::kPosixOpenpt, {EMFILE, ENFILE, ENOMEM}, {}},
      {FaultCall::kPrlimit, {EPERM}, {}},
      {FaultCall::kRead, {}, {EINTR, EAGAIN, kFaultShort}},
      {FaultCall::kRecv, {}, {EINTR, EAGAIN}},
      {FaultCall::kRecvmsg, {}, {EINTR, EAGAIN, ENOMEM, kFaultShort}},
      {FaultCall::kSend, {}, {EINTR}},
      {FaultCall::kSendmsg, {ENOMEM, ENOBUFS}, {EINTR, kFaultShort}},
      {FaultCall::kSetsid, {EPERM}, {}},
      {FaultCall::kSignalfd, {EMFILE, ENFILE, ENOMEM}, {}},
      {FaultCall::kSocketpair, {EMFILE, ENFILE, ENOMEM}, {}},
      {FaultCall::kTimerfd, {EMFILE, ENOMEM}, {}},
      {FaultCall::kWait4, {}, {EINTR}},
      {FaultCall::kWaitid, {}, {EINTR}},
      {FaultCall::kWaitpid, {}, {EINTR}},
      {FaultCall::kWrite, {}, {EINTR}},
      {FaultCall::kWritev, {}, {EINTR, EAGAIN, kFaultShort}},
  };
  return errors;
}

// The calls of the path. Whichever is missing here is counted and made to fail as well when it is
// made; whichever is here must have been made.
struct OnThePath {
  FaultProcess process;
  std::vector<FaultCall> calls;
};

const std::vector<OnThePath>& Path() {
  using enum FaultCall;
  static const std::vector<FaultCall> child = {kSetsid, kDup, kDup3, kCloseRange, kExecve};
  static const std::vector<FaultCall> server = {
      kFcntl,   kDup,      kEpollCreate, kEpollCtl, kEpollWait, kEventfd,
      kTimerfd, kSignalfd, kPidfdOpen,   kRecvmsg,  kMmap,      kMprotect,
      kClone3,  kRead,     kWrite,       kWaitpid,  kWaitid};
  static const std::vector<OnThePath> path = {
      {FaultProcess::kHost,
       {kAccess, kSocketpair, kPipe2, kFcntl, kMmap, kMprotect, kClone3, kSendmsg, kSend, kPoll,
        kEpollCtl, kEpollWait, kRead, kWritev, kWait4, kPosixOpenpt, kDup, kOpen}},
      {FaultProcess::kHostChild, child},
      {FaultProcess::kServer, server},
      {FaultProcess::kServerChild, {kSetsid, kDup, kDup3, kCloseRange, kExecve, kChdir, kPrlimit}},
      {FaultProcess::kKeeper,
       {kDup, kEpollCreate, kEpollCtl, kEpollWait, kEventfd, kTimerfd, kSignalfd, kPidfdOpen,
        kRecvmsg, kRecv, kMmap, kMprotect, kClone3, kRead, kWrite, kWaitpid, kWaitid, kPoll}},
      {FaultProcess::kKeeperChild, child},
  };
  return path;
}

std::string ErrorName(int error) {
  if (error == kFaultShort) return "short";
  return error == kFaultSwallowed ? "swallowed" : ErrnoName(error);
}

// What the port's owner may see of a failure.
bool IsRight(const Fault& fault, bool told, const std::string& result) {
  if (result == kWorks) return true;
  if (!told) return false;
  if (result == "refused " + ErrorName(fault.error)) return true;
  // As on OTP a program that could not be executed has an exit status: the errno; of the directory
  // 2. What the machine is short of is open_port's own error.
  const int status = fault.call == FaultCall::kChdir ? 2 : fault.error;
  const bool shortage = fault.error == ENOMEM || fault.error == EAGAIN || fault.error == EMFILE ||
                        fault.error == ENFILE || fault.error == ENOSPC || fault.error == ENOBUFS;
  if (shortage && fault.call != FaultCall::kChdir) return false;
  const std::string number = std::to_string(status);
  return result == "{P,{exit_status," + number + "}} {'EXIT',P,normal}" ||
         result == "{P,{exit_status,{exited," + number + "}}} {'EXIT',P,normal}";
}

// The next one, which is waited for.
StatusRecord RecordOf(const UniqueFd& status) {
  StatusRecord record = {};
  pollfd readable = {status.get(), POLLIN, 0};
  ::poll(&readable, 1, 10'000);
  EXPECT_EQ(::read(status.get(), &record, sizeof record), ssize_t{sizeof record});
  return record;
}

class FaultInjectionTest : public testing::Test {
 protected:
  void SetUp() override { BecomeSubreaper(); }

  // Runs a life with a fault and checks what must hold whatever it was.
  std::string RunWith(const Scenario& scenario, const Fault& fault) {
    const int fds = OpenFds();
    const std::string result = Life(scenario, [&] { table_.Arm(fault); }).Run();
    table_.Stop();
    EXPECT_EQ(Survivors(), 0) << result;
    EXPECT_EQ(OpenFds(), fds) << result;
    return result;
  }

  // Each error of each of this call's occurrences; a line of the table for each error.
  void Sweep(const Scenario& scenario, FaultProcess process, const Errors& errors, int calls) {
    for (const bool told : {true, false}) {
      for (const int error : told ? errors.told : errors.unseen) {
        std::string line;
        for (int nth = 1; nth <= std::min(calls, kMostOfOneCall); ++nth) {
          const Fault fault = {process, errors.call, error, nth};
          const std::string result = RunWith(scenario, fault);
          EXPECT_TRUE(IsRight(fault, told, result))
              << scenario.name << ": " << Name(fault) << ": " << result;
          if (table_.Failed() == 0) continue;  // this time it was not called so often
          line += (line.empty() ? "" : ", ") + result;
          hit_[{process, errors.call}] = true;
        }
        std::printf("%-10s| %-20s | %-17s | %-7s | %s\n", scenario.name,
                    kFaultProcessNames[static_cast<std::size_t>(process)],
                    kFaultCallNames[static_cast<std::size_t>(errors.call)],
                    ErrorName(error).c_str(), line.c_str());
      }
    }
  }

  static std::string Name(const Fault& fault) {
    return std::string(kFaultProcessNames[static_cast<std::size_t>(fault.process)]) + ", " +
           kFaultCallNames[static_cast<std::size_t>(fault.call)] + " " + std::to_string(fault.nth) +
           ", " + ErrorName(fault.error);
  }

  void SweepAll(const Scenario& scenario) {
    ASSERT_EQ(Life(scenario, [&] { table_.Record(); }).Run(), kWorks);
    table_.Stop();
    EXPECT_EQ(Survivors(), 0);
    std::map<std::pair<FaultProcess, FaultCall>, int> calls;
    for (std::size_t process = 0; process < kFaultProcessNames.size(); ++process) {
      for (const Errors& errors : AllErrors()) {
        const auto key = std::pair(static_cast<FaultProcess>(process), errors.call);
        calls[key] = table_.Calls(key.first, key.second);
      }
    }
    for (std::size_t process = 0; process < kFaultProcessNames.size(); ++process) {
      for (const Errors& errors : AllErrors()) {
        const auto key = std::pair(static_cast<FaultProcess>(process), errors.call);
        if (calls[key] != 0) Sweep(scenario, key.first, errors, calls[key]);
      }
    }
  }

  FaultTable table_;
  std::map<std::pair<FaultProcess, FaultCall>, bool> hit_;
};

TEST_F(FaultInjectionTest, EveryCallOfTheSpawnPathFailsOnce) {
  for (const Scenario& scenario : kScenarios) SweepAll(scenario);
  for (const OnThePath& part : Path()) {
    for (const FaultCall call : part.calls) {
      EXPECT_TRUE((hit_[{part.process, call}]))
          << kFaultProcessNames[static_cast<std::size_t>(part.process)] << " never called "
          << kFaultCallNames[static_cast<std::size_t>(call)];
    }
  }
}

// A server that falls behind needs a thread that sends to it: without one a start fails, and what
// it left of a request in the socket is no part of the next.
TEST_F(FaultInjectionTest, AStartThatWouldHaveToWaitFailsWithoutAThreadForIt) {
  SpawnClient client(PORTLAB_SPAWN_SERVER_PATH);
  ProgramSpec program;
  program.file = "/bin/sh";
  program.args = {"-c", "exit 5"};
  program.environment = {"X=" + std::string(100'000, 'x')};
  ASSERT_TRUE(client.Start(program));
  const pid_t server = client.server_pid();
  const int fds = OpenFds();
  ::kill(server, SIGSTOP);
  table_.Arm({FaultProcess::kHost, FaultCall::kEventfd, EMFILE, 0});
  std::optional<Error> refused;
  for (int i = 0; i < 100 && !refused; ++i) {
    if (const auto started = client.Start(program); !started) refused = started.error();
  }
  table_.Stop();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->error_number, EMFILE);
  EXPECT_EQ(OpenFds(), fds - 2) << "the server's socket and pidfd";
  EXPECT_NE(client.server_pid(), server);
  const auto started = client.Start(program);
  ASSERT_TRUE(started);
  EXPECT_EQ(RecordOf(started->status).kind, StatusRecord::kStarted);
  EXPECT_EQ(RecordOf(started->status).value, 5 << 8);
}

// The sweep sees what nobody handles: a keeper that only says that it told of the start.
TEST_F(FaultInjectionTest, AFailureThatIsNotHandledIsSeen) {
  const Scenario impatient = {"canary", "read x; echo $x; exit 3", "{start_timeout,300}", false,
                              "{P,{exit_status,3}}"};
  const Fault swallowed = {FaultProcess::kKeeper, FaultCall::kWrite, kFaultSwallowed, 0};
  const std::string result = Life(impatient, [&] { table_.Arm(swallowed); }).Run();
  EXPECT_GT(table_.Failed(), 0);
  table_.Stop();
  (void)Survivors();  // a keeper that cannot say anything may well be one
  EXPECT_EQ(result, "refused etimedout");
  EXPECT_FALSE(IsRight(swallowed, true, result));
}

// No signal of the keeper's reaches anybody.
constexpr Fault kPowerless = {FaultProcess::kKeeper, FaultCall::kKill, EPERM, 0};

TEST_F(FaultInjectionTest, WhatCannotBeEndedIsSaid) {
  const std::string result = RunWith(kScenarios[1], kPowerless);
  EXPECT_EQ(result.substr(0, result.find(' ')), "{P,{unkilled,1}}") << result;
}

TEST_F(FaultInjectionTest, ACgroupIsKilledAsAWhole) {
  const auto folder = Cgroup::OwnFolder();
  const auto group = folder ? Cgroup::Make(*folder, {}) : Fail(folder.error());
  if (!group) GTEST_SKIP() << "no cgroup v2 that this process may use: " << group.error().Reason();
  Scenario scenario = kScenarios[1];
  scenario.options = "contained,{grace,20},{exit_status,full},{cgroup,[]}";
  EXPECT_EQ(RunWith(scenario, kPowerless), kWorks);
  EXPECT_GT(table_.Failed(), 0);
}

}  // namespace
}  // namespace portlab
