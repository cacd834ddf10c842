// Programs beyond OTP: every option and operation of include/portlab/program.h.
#include "spawn/program_port.h"

#include <signal.h>
#include <unistd.h>

#include <fstream>

#include "base/ordered_thread.h"
#include "launch/cgroup.h"
#include "portlab/program.h"
#include "testing/port_test.h"

namespace portlab {
namespace {

constexpr char kIgnoresSigterm[] = "trap '' TERM HUP INT; echo $$; while :; do sleep 1; done";
// A grandchild in a session of its own, whose parent is gone.
constexpr char kDaemonizes[] =
    "daemon=$(setsid sh -c 'trap \"\" TERM; sleep 1002 > /dev/null & echo $!'); echo $daemon; "
    "exec sleep 1003";

bool Runs(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return false;
  return line[line.rfind(") ") + 2] != 'Z';
}

class ProgramPortTest : public PortTest {
 protected:
  bool Control(PortId port, std::uint32_t operation, std::string_view bytes = {}) {
    return runtime_.PortControl(self(), port, operation, AsBytes(bytes)).has_value();
  }
  // The number in the next message, {Port,{data,Text}}.
  pid_t NextPid() {
    auto message = self().ReceiveUntil(MonotonicNow() + 10'000 * kMillisecond);
    if (!message || !message->tuple()[1].is_tagged("data", 2)) return -1;
    return std::atoi(std::string(AsText(message->tuple()[1].tuple()[1].binary())).c_str());
  }
  bool Eventually(const std::function<bool()>& condition) {
    for (int i = 0; i < 5000; ++i) {
      if (condition()) return true;
      self().ReceiveUntil(MonotonicNow() + 2 * kMillisecond, [](const Term&) { return false; });
    }
    return false;
  }
};

TEST_F(ProgramPortTest, FullExitStatusTellsExitFromSignal) {
  Sh("exit 139", "{exit_status,full}");
  EXPECT_EQ(Next(), "{P,{exit_status,{exited,139}}}");
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
  Sh("ulimit -c 0; kill -SEGV $$", "{exit_status,full}");
  EXPECT_EQ(Next(), "{P,{exit_status,{signaled,11,false}}}");
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
}

TEST_F(ProgramPortTest, FullExitStatusComesBehindTheDataAndDoesNotWaitForAGrandchild) {
  Sh("printf abc; sleep 1000 & echo $! >&2; exit 5", "{exit_status,full},{stderr,separate},binary");
  std::string text;
  pid_t grandchild = -1;
  for (int i = 0; i < 2; ++i) {
    auto message = self().ReceiveUntil(MonotonicNow() + 10'000 * kMillisecond);
    ASSERT_TRUE(message.has_value());
    const Term what = message->tuple()[1];
    const std::string bytes(AsText(what.tuple()[1].binary()));
    if (what.is_tagged("stderr", 2)) grandchild = std::atoi(bytes.c_str());
    if (what.is_tagged("data", 2)) text = bytes;
  }
  EXPECT_EQ(text, "abc");
  EXPECT_EQ(Next(), "{P,{exit_status,{exited,5},pipe_still_open}}");
  EXPECT_EQ(Next(20), "nothing") << "the port ends with its pipe";
  ASSERT_GT(grandchild, 0);
  ::kill(grandchild, SIGKILL);
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
}

TEST_F(ProgramPortTest, ErrorsComeOnTheirOwn) {
  Sh("echo oops >&2; exec 2>&-; sleep 0.05; printf '\\0\\2hi'",
     "{stderr,separate},{packet,2},exit_status,binary");
  EXPECT_EQ(Next(), "{P,{stderr,<<\"oops\\n\">>}}");
  EXPECT_EQ(Next(), "{P,{data,<<\"hi\">>}}");
  EXPECT_EQ(Next(), "{P,{exit_status,0}}");
}

TEST_F(ProgramPortTest, HalfCloseEndsTheInputWhileTheOutputIsRead) {
  const PortId port = Open("{spawn,\"sort\"}", "[binary,exit_status]");
  EXPECT_TRUE(Command(port, "b\na\n"));
  EXPECT_TRUE(Control(port, kProgramCloseInput));
  EXPECT_EQ(Next(), "{P,{data,<<\"a\\nb\\n\">>}}");
  EXPECT_EQ(Next(), "{P,{exit_status,0}}");
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
}

TEST_F(ProgramPortTest, HalfCloseWaitsForWhatIsQueued) {
  const PortId port = Sh("sleep 0.1; wc -c", "binary,exit_status,{busy_limits_port,disabled}");
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(Command(port, std::string(100'000, 'x')));
  EXPECT_TRUE(Control(port, kProgramCloseInput));
  EXPECT_EQ(Next(), "{P,{data,<<\"1000000\\n\">>}}");
}

TEST_F(ProgramPortTest, TheWindowHoldsTheOutputBack) {
  const PortId port = Sh("yes", "binary,{window,1000}");
  std::size_t got = 0;
  while (auto message = self().ReceiveUntil(MonotonicNow() + 200 * kMillisecond)) {
    got += message->tuple()[1].tuple()[1].binary().size();
  }
  EXPECT_EQ(got, 1000u);
  EXPECT_TRUE(Control(port, kProgramCredit, std::string_view("\0\0\0\5", 4)));
  EXPECT_EQ(Next(), "{P,{data,<<\"y\\ny\\ny\">>}}");
  EXPECT_EQ(Next(20), "nothing");
  EXPECT_EQ(Info(port, "input"), 1005);
}

TEST_F(ProgramPortTest, OperationsOfOthersAreBadargAsOnOtp) {
  const PortId port = Open("{spawn,\"cat\"}", "[]");
  EXPECT_FALSE(Control(port, 0));
  EXPECT_FALSE(Control(port, kProgramCredit, std::string_view("\0\0\0\5", 4)));
  EXPECT_FALSE(Control(port, kProgramSignal, "\x0f"));
  EXPECT_FALSE(Control(port, kProgramEnd));
  EXPECT_FALSE(Control(port, kProgramWindowSize, std::string_view("\0\1\0\1", 4)));
}

TEST_F(ProgramPortTest, ATooLongPacketIsAProtocolError) {
  Sh("printf '\\0\\0\\0\\5abcde\\0\\0\\0\\6abcdef'; sleep 5", "{packet,4},{packet_max,5},binary");
  EXPECT_EQ(Next(), "{P,{data,<<\"abcde\">>}}");
  EXPECT_EQ(Next(), "{'EXIT',P,packet_too_long}");
}

TEST_F(ProgramPortTest, TheInputQueueIsBounded) {
  const PortId port = Sh("sleep 5", "{queue_max,200000},{busy_limits_port,disabled}");
  EXPECT_TRUE(Command(port, std::string(200'000, 'x')));
  EXPECT_TRUE(Command(port, std::string(100'000, 'x')));
  EXPECT_EQ(Next(), "{'EXIT',P,queue_limit}");
}

// Of commands of 1000 bytes, which nobody reads, so many until the port is busy.
int CommandsUntilBusy(Runtime& runtime, Process& self, PortId port) {
  const Term kilobyte = Term::Binary(std::string(1000, 'x'));
  for (int sent = 0; sent < 1000; ++sent) {
    if (!runtime.PortCommand(self, port, kilobyte, {.nosuspend = true}).value_or(false))
      return sent;
  }
  return 1000;
}

TEST_F(ProgramPortTest, ThePipeOfAProgramThatReadsIsLarger) {
  const PortId sleeps = Sh("sleep 5", "");
  // 64 KiB of the pipe, 8 KiB of the queue.
  EXPECT_LT(CommandsUntilBusy(runtime_, self(), sleeps), 80);
  const PortId reads = Sh("head -c 70000 > /dev/null; sleep 5", "");
  EXPECT_TRUE(Command(reads, std::string(80'000, 'x')));
  EXPECT_TRUE(Command(reads, "x"));  // comes back when it is no longer busy
  EXPECT_GT(CommandsUntilBusy(runtime_, self(), reads), 120);
  for (const PortId port : {sleeps, reads}) (void)runtime_.PortClose(self(), port);
}

TEST_F(ProgramPortTest, TimeoutEndsTheProgram) {
  Sh(kIgnoresSigterm, "{exit_status,full},{timeout,100},{grace,20},binary");
  const pid_t pid = NextPid();
  EXPECT_EQ(Next(), "{P,{exit_status,{timeout}}}");
  EXPECT_FALSE(Runs(pid));
}

TEST_F(ProgramPortTest, AnIdleProgramIsEndedAndABusyOneIsNot) {
  const PortId port = Open("{spawn,\"cat\"}", "[binary,{exit_status,full},{idle_timeout,300}]");
  for (int i = 0; i < 6; ++i) {
    EXPECT_TRUE(Command(port, "x"));
    EXPECT_EQ(Next(100), "{P,{data,<<\"x\">>}}");
    EXPECT_EQ(Next(100), "nothing");
  }
  EXPECT_EQ(Next(), "{P,{exit_status,{killed_by_us,idle_timeout}}}");
}

TEST_F(ProgramPortTest, AskedToEndItEndsWithItsDescendants) {
  const PortId port = Sh(kDaemonizes, "{exit_status,full},contained,{grace,20},binary");
  const pid_t daemon = NextPid();
  ASSERT_GT(daemon, 0);
  EXPECT_TRUE(Runs(daemon));
  EXPECT_TRUE(Control(port, kProgramEnd));
  EXPECT_EQ(Next(), "{P,{exit_status,{killed_by_us,asked}}}");
  EXPECT_TRUE(Eventually([&] { return !Runs(daemon); }));
}

TEST_F(ProgramPortTest, SignalsReachAContainedProgram) {
  // Its child is gone before the trap runs, so that nothing holds the pipe when it exits.
  const PortId port = Sh("trap 'echo usr1; exit 3' USR1; echo ready; while :; do sleep 0.02; done",
                         "{exit_status,full},contained,binary");
  EXPECT_EQ(Next(), "{P,{data,<<\"ready\\n\">>}}");
  EXPECT_TRUE(Control(port, kProgramSignal, std::string(1, static_cast<char>(SIGUSR1))));
  EXPECT_EQ(Next().substr(0, 16), "{P,{data,<<\"usr1");
  EXPECT_EQ(Next(), "{P,{exit_status,{exited,3}}}");
}

// As on OTP a program survives its port, unless asked otherwise.
TEST_F(ProgramPortTest, AProgramSurvivesItsPortUnlessKillAt) {
  for (const char* options :
       {"binary", "binary,contained", "binary,{kill_at,[owner_exit]},{grace,20}"}) {
    const PortId port = Sh(kIgnoresSigterm, options);
    const pid_t pid = NextPid();
    EXPECT_TRUE(runtime_.PortClose(self(), port));
    EXPECT_EQ(Next(), "{'EXIT',P,normal}");
    EXPECT_EQ(Next(150), "nothing");
    EXPECT_TRUE(Runs(pid)) << options;
    ::kill(pid, SIGKILL);
  }
  const PortId port = Sh(kDaemonizes, "binary,{kill_at,[port_close]},{grace,20}");
  const pid_t daemon = NextPid();
  EXPECT_TRUE(runtime_.PortClose(self(), port));
  EXPECT_TRUE(Eventually([&] { return !Runs(daemon); }));
}

TEST_F(ProgramPortTest, KillAtOwnerExit) {
  for (const bool kill : {true, false}) {
    const std::string options =
        kill ? "binary,{kill_at,[owner_exit]},{grace,20}" : "binary,{kill_at,[port_close]}";
    pid_t pid = -1;
    OrderedThread owner("owner", [&] {
      ThreadProcess me(runtime_.processes());
      const std::string arguments =
          "[{args,[\"-c\"," + Term::String(kIgnoresSigterm).ToString() + "]}," + options + "]";
      ASSERT_TRUE(runtime_.OpenPort(*me, "{spawn_executable,\"/bin/sh\"}", arguments));
      const auto message = me->ReceiveUntil(MonotonicNow() + 10'000 * kMillisecond);
      ASSERT_TRUE(message.has_value());
      pid = std::atoi(std::string(AsText(message->tuple()[1].tuple()[1].binary())).c_str());
    });
    owner.Join();
    ASSERT_GT(pid, 0);
    EXPECT_TRUE(Eventually([&] { return runtime_.port_count() == 0; }));
    EXPECT_EQ(Next(150), "nothing");
    EXPECT_EQ(Eventually([&] { return !kill || !Runs(pid); }), true);
    EXPECT_EQ(Runs(pid), !kill);
    if (!kill) ::kill(pid, SIGKILL);
  }
}

// Why this process may make no group with these limits; empty: it may.
std::string WhyNoCgroup(const CgroupLimits& limits) {
  const auto folder = Cgroup::OwnFolder();
  const auto made = folder ? Cgroup::Make(*folder, limits) : Fail(folder.error());
  return made ? "" : made.error().Reason();
}

TEST_F(ProgramPortTest, ACgroupHoldsAllThatDescends) {
  if (const std::string why = WhyNoCgroup({}); !why.empty()) {
    EXPECT_EQ(Refusal("{spawn,\"cat\"}", "[{cgroup,[]}]"), why);
    GTEST_SKIP() << "no cgroup v2 that this process may use: " << why;
  }
  const PortId port = Sh(kDaemonizes, "{exit_status,full},{cgroup,[]},{grace,20},binary");
  const pid_t daemon = NextPid();
  std::string group;
  std::ifstream groups("/proc/" + std::to_string(daemon) + "/cgroup");
  while (std::getline(groups, group) && group.rfind("0::", 0) != 0) {
  }
  EXPECT_NE(group.find("/portlab-"), std::string::npos) << group;
  const std::string folder = *Cgroup::OwnFolder() + group.substr(group.find("/portlab-"));
  EXPECT_EQ(::access(folder.c_str(), F_OK), 0) << folder;
  EXPECT_TRUE(Control(port, kProgramEnd));
  EXPECT_EQ(Next(), "{P,{exit_status,{killed_by_us,asked}}}");
  EXPECT_TRUE(Eventually([&] { return !Runs(daemon); }));
  EXPECT_TRUE(Eventually([&] { return ::access(folder.c_str(), F_OK) != 0; })) << folder;
}

TEST_F(ProgramPortTest, ACgroupsLimitsAreThePrograms) {
  if (const std::string why = WhyNoCgroup({.memory_max = 64 << 20, .pids_max = 5}); !why.empty()) {
    EXPECT_EQ(Refusal("{spawn,\"cat\"}", "[{cgroup,[{memory_max,67108864},{pids_max,5}]}]"), why);
    GTEST_SKIP() << "no cgroup v2 with both controllers that this process may use: " << why;
  }
  Sh("exec 2>&-; for i in 1 2 3 4 5 6 7 8; do sleep 5 & done; echo survived",
     "{cgroup,[{pids_max,5}]},binary,exit_status");
  EXPECT_EQ(Next(), "{P,{exit_status,2}}") << "the shell could not fork";
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
  Open("{spawn,\"tail /dev/zero\"}", "[{cgroup,[{memory_max,67108864}]},{exit_status,full}]");
  EXPECT_EQ(Next(), "{P,{exit_status,{oom}}}");
}

TEST_F(ProgramPortTest, LimitsAreThePrograms) {
  std::string last;
  Sh("ulimit -n; umask; nice; sed -n 's/^SigIgn:[[:space:]]*//p' /proc/self/status",
     "binary,exit_status,{rlimit,[{nofile,77}]},{umask,63},{nice,5},{signals,default}");
  EXPECT_EQ(AllData(&last), "77\n0077\n5\n0000000000000000\n");
}

TEST_F(ProgramPortTest, UserAndGroup) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may become somebody else";
  Sh("id -u; id -g; id -G", "binary,exit_status,{uid,65534},{gid,65533}");
  EXPECT_EQ(AllData(), "65534\n65533\n65533\n");
}

TEST_F(ProgramPortTest, ARefusedLimitIsAFailedStart) {
  Sh("echo never", "binary,exit_status,{rlimit,[{nofile,18446744073709551614}]}");
  EXPECT_NE(Next(), "{P,{exit_status,0}}");
}

TEST_F(ProgramPortTest, ACpuLimitIsNamed) {
  Sh("while :; do :; done", "{exit_status,full},{rlimit,[{cpu,1},{core,0}]}");
  EXPECT_EQ(Next(), "{P,{exit_status,{rlimit,cpu}}}");
}

TEST_F(ProgramPortTest, AFileSizeLimitIsNamed) {
  Sh("exec dd if=/dev/zero of=/tmp/portlab-fsize-$$ bs=1000 count=9 2>/dev/null",
     "{exit_status,full},{rlimit,[{fsize,2000},{core,0}]}");
  EXPECT_EQ(Next(), "{P,{exit_status,{rlimit,fsize}}}");
  EXPECT_EQ(std::system("rm -f /tmp/portlab-fsize-*"), 0);
}

TEST_F(ProgramPortTest, ATerminal) {
  const PortId port =
      Sh("stty -echo; tty > /dev/null && stty size; read x; stty size; echo $x; cat",
         "binary,exit_status,{pty,{33,44}}");
  EXPECT_EQ(Next(), "{P,{data,<<\"33 44\\r\\n\">>}}");
  EXPECT_TRUE(Control(port, kProgramWindowSize, std::string_view("\0\x0a\0\x14", 4)));
  EXPECT_TRUE(Command(port, "hello\n"));
  std::string text;
  while (text.find("hello") == std::string::npos) {
    const auto message = self().ReceiveUntil(MonotonicNow() + 10'000 * kMillisecond);
    ASSERT_TRUE(message.has_value()) << text;
    text += AsText(message->tuple()[1].tuple()[1].binary());
  }
  EXPECT_EQ(text, "10 20\r\nhello\r\n");
  EXPECT_TRUE(Control(port, kProgramCloseInput));
  EXPECT_EQ(Next(), "{P,{exit_status,0}}");
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
}

TEST_F(ProgramPortTest, ContainedProgramsLeaveNothingBehind) {
  for (int i = 0; i < 5; ++i) {
    Sh("sleep 1000 & exit 1", "contained,{kill_at,[port_close]},exit_status,{exit_status,full}");
    EXPECT_EQ(Next(), "{P,{exit_status,{exited,1},pipe_still_open}}");
  }
  for (const PortId port : runtime_.Ports()) EXPECT_TRUE(runtime_.PortClose(self(), port));
}

}  // namespace
}  // namespace portlab
