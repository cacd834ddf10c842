#include "launch/supervised_child.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <sstream>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "launch/launch_test_support.h"

namespace portlab {
namespace {

using launch_test::HasAnyChild;
using launch_test::kListDescriptors;
using launch_test::OpenDescriptors;
using launch_test::Runs;

SupervisedSpec Shell(const std::string& script) {
  SupervisedSpec spec;
  spec.file = "/bin/sh";
  spec.args = {"-c", script};
  return spec;
}

SupervisedEnd Supervise(const SupervisedSpec& spec) { return RunSupervised(spec, {}).value(); }

TEST(SupervisedChildTest, ExitStatusAndOutputsComeBack) {
  const SupervisedEnd end = Supervise(Shell("echo out; echo err >&2; exit 3"));
  EXPECT_EQ(end.cause, SupervisedEnd::kExited);
  EXPECT_TRUE(end.status.exited(3)) << end.status.ToString();
  EXPECT_EQ(end.stdout_text, "out\n");
  EXPECT_EQ(end.stderr_tail, "err\n");
  EXPECT_GT(end.wall, 0);
  EXPECT_GT(end.max_rss_kib, 0);
  EXPECT_EQ(end.descendants_killed, 0);
}

TEST(SupervisedChildTest, OutputIsHandedOnAsItComes) {
  SupervisedSpec spec = Shell("echo first; sleep 0.05; echo second >&2; sleep 0.05; echo third");
  std::string heard;
  spec.on_output = [&heard](std::string_view text) { heard += text; };
  spec.stdout_limit = 5;
  EXPECT_EQ(Supervise(spec).stdout_text, "first");
  EXPECT_EQ(heard, "first\nsecond\nthird\n");
}

TEST(SupervisedChildTest, SignalIsNotAnExitStatus) {
  const SupervisedEnd end = Supervise(Shell("kill -ABRT $$"));
  EXPECT_EQ(end.cause, SupervisedEnd::kSignaled);
  EXPECT_TRUE(end.status.signaled(SIGABRT)) << end.status.ToString();
  EXPECT_FALSE(end.status.core_dumped());
}

TEST(SupervisedChildTest, TimeLimitEndsTheGroup) {
  SupervisedSpec spec = Shell("trap '' TERM; sleep 1000 & sleep 1000");
  spec.time_limit = 100 * kMillisecond;
  const SupervisedEnd end = Supervise(spec);
  EXPECT_EQ(end.cause, SupervisedEnd::kTimeLimit);
  EXPECT_TRUE(end.status.signaled(SIGKILL));
  EXPECT_GE(end.wall, spec.time_limit);
  EXPECT_LT(end.wall, 5'000 * kMillisecond);
}

TEST(SupervisedChildTest, StartFailureSaysWhy) {
  SupervisedSpec spec;
  spec.file = "/no/such/program";
  const SupervisedEnd end = Supervise(spec);
  EXPECT_EQ(end.cause, SupervisedEnd::kStartFailed);
  EXPECT_EQ(end.error_number, ENOENT);
}

TEST(SupervisedChildTest, CancelEndsIt) {
  int asked = 0;
  const SupervisedEnd end =
      RunSupervised(Shell("sleep 1000"), [&] { return ++asked == 3; }).value();
  EXPECT_TRUE(end.cancelled);
  EXPECT_EQ(end.cause, SupervisedEnd::kSignaled);
  EXPECT_EQ(asked, 3);
}

TEST(SupervisedChildTest, StderrKeepsItsTailAndStdoutItsHead) {
  SupervisedSpec spec =
      Shell("i=0; while [ $i -lt 30000 ]; do echo $i; echo $i >&2; i=$((i+1)); done");
  spec.stderr_limit = 12;
  spec.stdout_limit = 4;
  const SupervisedEnd end = Supervise(spec);
  EXPECT_EQ(end.stderr_tail, "29998\n29999\n");
  EXPECT_EQ(end.stdout_text, "0\n1\n");
}

TEST(SupervisedChildTest, ChildHasOnlyWhatItWasGiven) {
  const UniqueFd leaked(::open("/dev/null", O_RDONLY));
  SupervisedSpec spec = Shell(kListDescriptors +
                              "; readlink /proc/$$/fd/0; echo $MARK; pwd;"
                              "ulimit -c; ulimit -d");
  spec.inherit_fds = {{leaked.get(), 8}};
  spec.environment = {"MARK=here"};
  spec.directory = "/usr";
  spec.max_data = 64 << 20;
  EXPECT_EQ(Supervise(spec).stdout_text, "0\n1\n2\n8\n/dev/null\nhere\n/usr\n0\n65536\n");
}

// About the children there are before the first BecomeSubreaper of a process.
TEST(SupervisedChildTest, OwnChildrenAreNotTakenForOrphans) {
  if (IsSubreaper()) GTEST_SKIP() << "another test of this process came first";
  const pid_t bystander = ::fork();
  if (bystander == 0) {
    while (true) ::pause();
  }
  BecomeSubreaper();
  Supervise(Shell("exit 0"));
  EXPECT_TRUE(Runs(bystander));
  ::kill(bystander, SIGKILL);
  EXPECT_EQ(::waitpid(bystander, nullptr, 0), bystander);
}

TEST(SupervisedChildTest, LeftoverGrandchildrenAreKilledAndCounted) {
  BecomeSubreaper();
  // One in the group, one that left session and group, and one that left its output open; all print
  // their pids first.
  const SupervisedEnd end = Supervise(
      Shell("sleep 1000 & echo $!; setsid sleep 1001 & echo $!; env -i setsid sh -c 'sleep "
            "1002 & echo $!; exit';"
            "sleep 0.2; exit 0"));
  EXPECT_EQ(end.cause, SupervisedEnd::kExited);
  EXPECT_EQ(end.descendants_killed, 3);
  std::istringstream pids(end.stdout_text);
  int pid = 0;
  int count = 0;
  while (pids >> pid) {
    ++count;
    EXPECT_FALSE(Runs(pid)) << pid;
  }
  EXPECT_EQ(count, 3);
  EXPECT_FALSE(HasAnyChild());
}

TEST(SupervisedChildTest, RunsAtOnceLeaveEachOtherAlone) {
  BecomeSubreaper();
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 10; ++i) {
        const SupervisedEnd end = Supervise(
            Shell("sleep 1000 & sleep 0.0" + std::to_string(t) + "; exit " + std::to_string(t)));
        EXPECT_TRUE(end.status.exited(t)) << end.status.ToString();
        EXPECT_EQ(end.descendants_killed, 1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(HasAnyChild());
}

TEST(SupervisedChildTest, ManyRunsLeaveNothing) {
  BecomeSubreaper();
  const std::set<int> before = OpenDescriptors();
  SupervisedSpec spec;
  spec.file = "/bin/true";
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(Supervise(spec).status.exited(0));
  EXPECT_EQ(OpenDescriptors(), before);
  EXPECT_FALSE(HasAnyChild());
}

TEST(DescendantsTest, DirectChildrenAreListed) {
  EXPECT_TRUE(DirectChildren().empty());
  const pid_t child = ::fork();
  if (child == 0) {
    while (true) ::pause();
  }
  EXPECT_EQ(DirectChildren(), std::vector<pid_t>{child});
  SignalGroupOf(child, SIGKILL);
  int raw = 0;
  ASSERT_EQ(::waitpid(child, &raw, 0), child);
  EXPECT_TRUE(WaitStatus(raw).signaled(SIGKILL));
}

}  // namespace
}  // namespace portlab
