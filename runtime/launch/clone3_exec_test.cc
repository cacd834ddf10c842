#include "launch/clone3_exec.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <thread>
#include <vector>

#include "launch/launch_test_support.h"
#include "launch/start_program.h"
#include "launch/wait_status.h"

namespace portlab {
namespace {

using launch_test::HasAnyChild;
using launch_test::kListDescriptors;
using launch_test::OpenDescriptors;
using launch_test::ReadAll;

StartSpec Shell(const std::string& script) {
  StartSpec spec;
  spec.file = "/bin/sh";
  spec.args = {"-c", script};
  spec.environment = EnvironmentWith({});
  return spec;
}

WaitStatus RunShell(const std::string& script) {
  StartSpec spec = Shell(script);
  auto started = StartProgram(spec);
  EXPECT_TRUE(started) << started.error().ToString();
  return started ? ReapProgram(*started).status : WaitStatus();
}

// Runs the spec with a pipe as stdout (and `extra` descriptors) and returns what it wrote there.
std::string OutputOf(StartSpec spec) {
  int ends[2];
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd output(ends[0]);
  UniqueFd write_end(ends[1]);
  spec.setup.fds[1].fd = write_end.get();
  auto started = StartProgram(spec);
  EXPECT_TRUE(started);
  write_end.Reset();
  const std::string text = ReadAll(output.get());
  if (started) ReapProgram(*started);
  return text;
}

TEST(WaitStatusTest, ExitAndSignalAreToldApart) {
  EXPECT_EQ(RunShell("exit 3").ToString(), "exited 3");
  EXPECT_EQ(RunShell("exit 139").ToString(), "exited 139");
  const WaitStatus killed = RunShell("ulimit -c 0; kill -SEGV $$");
  EXPECT_TRUE(killed.signaled(SIGSEGV));
  EXPECT_EQ(killed.ToString(), "killed by SIGSEGV");
  EXPECT_EQ(WaitStatus(SIGABRT | 0x80).ToString(), "killed by SIGABRT (core dumped)");
}

TEST(Clone3ExecTest, FailedExecGivesErrnoAndLeavesNoChild) {
  const std::set<int> before = OpenDescriptors();
  for (const auto& [file, error] :
       {std::pair{"/no/such/program", ENOENT}, std::pair{"/etc/passwd", EACCES}}) {
    StartSpec spec;
    spec.file = file;
    const auto started = StartProgram(spec);
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().error_number, error) << file;
  }
  EXPECT_FALSE(HasAnyChild());
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST(Clone3ExecTest, FailedSetupGivesErrnoAndStep) {
  StartSpec spec = Shell("exit 0");
  spec.setup.directory = "/no/such/directory";
  const auto in_directory = StartProgram(spec);
  ASSERT_FALSE(in_directory);
  EXPECT_EQ(in_directory.error().error_number, ENOENT);
  EXPECT_EQ(spec.setup.failed_step(), ChildSetup::Step::kDirectory);
  spec.setup.directory = "";
  spec.setup.fds.push_back({1'000'000, 5});
  const auto in_descriptors = StartProgram(spec);
  ASSERT_FALSE(in_descriptors);
  EXPECT_EQ(in_descriptors.error().error_number, EBADF);
  EXPECT_EQ(spec.setup.failed_step(), ChildSetup::Step::kDescriptors);
  EXPECT_FALSE(HasAnyChild());
}

TEST(Clone3ExecTest, TwoHundredStartsLeaveNothing) {
  const std::set<int> before = OpenDescriptors();
  StartSpec spec;
  spec.file = "/bin/true";
  for (int i = 0; i < 200; ++i) {
    const auto started = StartProgram(spec);
    ASSERT_TRUE(started);
    EXPECT_TRUE(ReapProgram(*started).status.exited(0));
  }
  EXPECT_EQ(OpenDescriptors(), before);
  EXPECT_FALSE(HasAnyChild());
}

TEST(Clone3ExecTest, ChildHasOnlyTheDescriptorsItWasGiven) {
  const UniqueFd leak_a(::open("/dev/null", O_RDONLY));  // not CLOEXEC, with gaps around
  const UniqueFd leak_b(::dup2(leak_a.get(), 60));
  // Opened by the shell itself for the redirection: nothing; by ls: the directory, one more than
  // there are.
  StartSpec spec = Shell(kListDescriptors);
  EXPECT_EQ(OutputOf(spec), "0\n1\n2\n");
  spec.setup.fds.push_back({leak_a.get(), 7});
  EXPECT_EQ(OutputOf(spec), "0\n1\n2\n7\n");
}

TEST(Clone3ExecTest, DescriptorsCanBeSwapped) {
  int a[2];
  int b[2];
  ASSERT_EQ(::pipe2(a, O_CLOEXEC), 0);
  ASSERT_EQ(::pipe2(b, O_CLOEXEC), 0);
  StartSpec spec =
      Shell("echo to-a >&" + std::to_string(b[1]) + "; echo to-b >&" + std::to_string(a[1]));
  spec.setup.fds.push_back({a[1], b[1]});
  spec.setup.fds.push_back({b[1], a[1]});
  const auto started = StartProgram(spec);
  ASSERT_TRUE(started);
  ::close(a[1]);
  ::close(b[1]);
  EXPECT_EQ(ReadAll(a[0]), "to-a\n");
  EXPECT_EQ(ReadAll(b[0]), "to-b\n");
  ReapProgram(*started);
  ::close(a[0]);
  ::close(b[0]);
}

void IgnoreSignal(int) {}

TEST(Clone3ExecTest, SignalStateInTheChildIsTheDefault) {
  struct sigaction caught = {};
  caught.sa_handler = IgnoreSignal;
  struct sigaction old_usr1;
  struct sigaction old_usr2;
  ASSERT_EQ(::sigaction(SIGUSR1, &caught, &old_usr1), 0);
  caught.sa_handler = SIG_IGN;
  ASSERT_EQ(::sigaction(SIGUSR2, &caught, &old_usr2), 0);
  sigset_t blocked;
  sigset_t old_mask;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGALRM);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &old_mask);

  StartSpec spec;
  spec.file = "/bin/sed";
  spec.args = {"-n", "-E", "/^Sig(Blk|Ign|Cgt)/p", "/proc/self/status"};
  spec.ignored_signals = SignalBit(SIGPIPE) | SignalBit(SIGFPE);
  const std::string as_asked =
      "SigBlk:\t0000000000000000\nSigIgn:\t0000000000001080\nSigCgt:\t0000000000000000\n";
  EXPECT_EQ(OutputOf(spec), as_asked);
  const std::uint64_t ignored_here = IgnoredSignals();
  EXPECT_NE(ignored_here & SignalBit(SIGUSR2), 0u);
  EXPECT_EQ(ignored_here & SignalBit(SIGUSR1), 0u) << "has a handler";
  spec.ignored_by_caller = &ignored_here;
  EXPECT_EQ(OutputOf(spec), as_asked) << "with what is known of the caller";

  sigset_t now;
  ::pthread_sigmask(SIG_SETMASK, &old_mask, &now);
  EXPECT_TRUE(::sigismember(&now, SIGALRM));
  EXPECT_FALSE(::sigismember(&now, SIGTERM));
  ::sigaction(SIGUSR1, &old_usr1, nullptr);
  ::sigaction(SIGUSR2, &old_usr2, nullptr);
}

TEST(Clone3ExecTest, ThreadsMayStartAtOnce) {
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&good, t] {
      for (int i = 0; i < 25; ++i) {
        StartSpec spec = Shell("exit " + std::to_string(t));
        const auto started = StartProgram(spec);
        if (started && ReapProgram(*started).status.exited(t)) ++good;
        StartSpec bad;
        bad.file = "/no/such/program";
        const auto failed = StartProgram(bad);
        if (!failed && failed.error().error_number == ENOENT) ++good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good.load(), 4 * 25 * 2);
  EXPECT_FALSE(HasAnyChild());
}

TEST(StartProgramTest, EnvironmentWithReplacesAndAdds) {
  ASSERT_EQ(::setenv("PORTLAB_LAUNCH_TEST", "old", 1), 0);
  int found = 0;
  for (const std::string& entry : EnvironmentWith({"PORTLAB_LAUNCH_TEST=new", "PORTLAB_B=2"})) {
    EXPECT_NE(entry, "PORTLAB_LAUNCH_TEST=old");
    found += entry == "PORTLAB_LAUNCH_TEST=new" || entry == "PORTLAB_B=2";
  }
  EXPECT_EQ(found, 2);
  ::unsetenv("PORTLAB_LAUNCH_TEST");
}

}  // namespace
}  // namespace portlab
