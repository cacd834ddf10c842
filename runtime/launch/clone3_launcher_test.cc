#include "launch/clone3_launcher.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/process/v2/start_dir.hpp>
#include <boost/process/v2/stdio.hpp>
#include <vector>

#include "base/unique_fd.h"
#include "launch/launch_test_support.h"

namespace portlab {
namespace {

namespace asio = boost::asio;
namespace process = boost::process::v2;
using launch_test::HasAnyChild;
using launch_test::HasZombie;
using launch_test::kListDescriptors;
using launch_test::OpenDescriptors;
using launch_test::ReadAll;

void ReapAllChildren() {
  while (::waitpid(-1, nullptr, 0) > 0) {
  }
}

// The defect Clone3Launcher exists to avoid, and the evidence that HasAnyChild can see it.
TEST(KnownBadControlTest, DefaultLauncherLeavesAZombieAfterAFailedExec) {
  asio::io_context context;
  process::error_code error;
  const std::vector<std::string> no_arguments;
  auto failed = process::posix::default_launcher()(context.get_executor(), error,
                                                   "/no/such/program", no_arguments);
  EXPECT_EQ(error.value(), ENOENT);
  EXPECT_TRUE(launch_test::Eventually([] { return HasZombie(); }));
  ReapAllChildren();
}

TEST(Clone3LauncherTest, FailedExecLeavesNoChildAndCallsOnError) {
  struct SeesError {
    int seen = 0;
    void on_error(process::posix::default_launcher&, const process::filesystem::path&,
                  const char* const*, const process::error_code& error) {
      seen = error.value();
    }
  } sees_error;
  asio::io_context context;
  process::error_code error;
  const std::vector<std::string> no_arguments;
  auto failed = Clone3Launcher()(context, error, "/no/such/program", no_arguments, sees_error);
  EXPECT_EQ(error.value(), ENOENT);
  EXPECT_EQ(sees_error.seen, ENOENT);
  EXPECT_FALSE(failed.is_open());
  EXPECT_FALSE(HasAnyChild());
}

TEST(Clone3LauncherTest, ThrowingOverloadThrows) {
  asio::io_context context;
  const std::vector<std::string> no_arguments;
  EXPECT_THROW(Clone3Launcher()(context, "/no/such/program", no_arguments), process::system_error);
}

TEST(Clone3LauncherTest, StockInitialisersWork) {
  asio::io_context context;
  asio::readable_pipe output(context);
  const std::vector<std::string> arguments = {"-c", "pwd; pwd >&2; exit 5"};
  auto child = Clone3Launcher()(context, "/bin/sh", arguments, process::process_start_dir("/usr"),
                                process::process_stdio{{}, output, STDOUT_FILENO});
  EXPECT_EQ(ReadAll(output.native_handle()), "/usr\n/usr\n");
  EXPECT_EQ(child.wait(), 5);
}

TEST(Clone3LauncherTest, EnvironmentAndArg0AreTheLaunchers) {
  asio::io_context context;
  asio::readable_pipe output(context);
  const std::array<const char*, 2> environment = {"ONLY=this", nullptr};
  std::array<const char*, 4> argv = {"other-name", "-c", "echo $0 $ONLY", nullptr};
  Clone3Launcher launcher;
  launcher.env = environment.data();
  auto child = launcher(context, "/bin/sh", argv.data(), process::process_stdio{{}, output, {}});
  EXPECT_EQ(ReadAll(output.native_handle()), "other-name this\n");
  EXPECT_EQ(child.wait(), 0);
}

TEST(Clone3LauncherTest, AsyncWaitReportsAndTheContextSurvives) {
  asio::io_context context;
  const std::vector<std::string> arguments = {"-c", "exit 7"};
  for (int round = 0; round < 3; ++round) {
    auto child = Clone3Launcher()(context, "/bin/sh", arguments);
    int exit_code = -1;
    child.async_wait([&](process::error_code, int code) { exit_code = code; });
    context.restart();
    context.run();
    EXPECT_EQ(exit_code, 7);
  }
  EXPECT_FALSE(HasAnyChild());
}

void NeverInAChild() { ::_exit(99); }

TEST(Clone3LauncherTest, AtexitHandlersDoNotRunInAFailedChild) {
  // In a forked process, so that the handler there is reached only by a mistake.
  const pid_t pid = ::fork();
  if (pid == 0) {
    std::atexit(NeverInAChild);
    asio::io_context context;
    process::error_code error;
    const std::vector<std::string> none;
    auto failed = Clone3Launcher()(context, error, "/no/such/program", none);
    ::_exit(error.value() == ENOENT ? 0 : 1);
  }
  int raw = 0;
  ASSERT_EQ(::waitpid(pid, &raw, 0), pid);
  EXPECT_EQ(raw, 0);
}

TEST(Clone3LauncherTest, ChildSetupIsAnInitialiser) {
  const std::set<int> before = OpenDescriptors();
  {
    asio::io_context context;
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const UniqueFd leaked(::open("/dev/null", O_RDONLY));
    ChildSetup setup;
    setup.fds = {{0, 0}, {ends[1], 1}, {2, 2}, {0, 9}};
    setup.directory = "/usr";
    const std::vector<std::string> arguments = {"-c", "pwd; " + kListDescriptors};
    auto child = Clone3Launcher()(context, "/bin/sh", arguments, ChildSetupInitializer(setup));
    ::close(ends[1]);
    EXPECT_EQ(ReadAll(ends[0]), "/usr\n0\n1\n2\n9\n");
    EXPECT_EQ(::getpgid(child.id()), child.id());
    child.wait();
    ::close(ends[0]);
  }
  EXPECT_EQ(OpenDescriptors(), before);
}

}  // namespace
}  // namespace portlab
