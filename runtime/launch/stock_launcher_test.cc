// The launchers that come with Boost.Process 1.81, as known bad controls: each defect for which we
// have a launcher of our own is shown with theirs, and shown absent with ours. When a later Boost
// makes one of these fail, the reason to keep ours is one less.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/process/v2/posix/bind_fd.hpp>
#include <boost/process/v2/posix/vfork_launcher.hpp>
#include <boost/process/v2/stdio.hpp>
#include <functional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "launch/clone3_launcher.h"
#include "launch/launch_test_support.h"

namespace portlab {
namespace {

namespace asio = boost::asio;
namespace process = boost::process::v2;
using launch_test::kListDescriptors;
using launch_test::ReadAll;

const std::vector<std::string> kNoArguments;
constexpr char kNoProgram[] = "/no/such/program";

constexpr int kThrew = 99;

// Runs `body` in a forked copy of this process: exit status 0 to 255, or 256 + signal.
int InACopy(const std::function<int()>& body) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    try {
      ::_exit(body());
    } catch (...) {
      ::_exit(kThrew);
    }
  }
  int raw = 0;
  EXPECT_EQ(::waitpid(pid, &raw, 0), pid);
  return WIFSIGNALED(raw) ? 256 + WTERMSIG(raw) : WEXITSTATUS(raw);
}

// What a program sees when descriptors of ours are open across the launch: above and below others.
template <class Launcher>
std::string DescriptorsOfAChild() {
  const UniqueFd low(::open("/dev/null", O_RDONLY));  // without CLOEXEC
  asio::io_context context;
  asio::readable_pipe output(context);
  const std::vector<std::string> arguments = {"-c", kListDescriptors};
  auto child = Launcher()(context, "/bin/sh", arguments, process::process_stdio{{}, output, {}});
  const std::string listed = ReadAll(output.native_handle());
  child.wait();
  return listed;
}

TEST(StockLauncherTest, DescriptorsLeakThroughTheGaps) {
  EXPECT_NE(DescriptorsOfAChild<process::posix::default_launcher>(), "0\n1\n2\n");
  EXPECT_EQ(DescriptorsOfAChild<Clone3Launcher>(), "0\n1\n2\n");
}

template <class Launcher>
bool CallsOnError() {
  struct Initialiser {
    bool* called;
    void on_error(process::posix::default_launcher&, const process::filesystem::path&,
                  const char* const*, const process::error_code&) {
      *called = true;
    }
  };
  bool called = false;
  asio::io_context context;
  process::error_code error;
  auto failed =
      Launcher()(context.get_executor(), error, kNoProgram, kNoArguments, Initialiser{&called});
  EXPECT_TRUE(error);
  return called;
}

TEST(StockLauncherTest, OnErrorIsNeverCalled) {
  EXPECT_FALSE(CallsOnError<process::posix::default_launcher>());
  EXPECT_TRUE(CallsOnError<Clone3Launcher>());
  ::waitpid(-1, nullptr, 0);  // the zombie of the first
}

TEST(StockLauncherTest, TheOverloadThatReportsAnErrorThrows) {
  asio::io_context context;
  process::error_code error;
  EXPECT_THROW(process::posix::default_launcher()(context, error, kNoProgram, kNoArguments),
               process::system_error);
  EXPECT_NO_THROW(Clone3Launcher()(context, error, kNoProgram, kNoArguments));
  EXPECT_EQ(error.value(), ENOENT);
  ::waitpid(-1, nullptr, 0);  // the zombie of the first
}

// A handler of the parent's runs in the child whose exec failed: it writes into a pipe.
int handler_pipe = -1;
void WriteAByte() { [[maybe_unused]] const ssize_t written = ::write(handler_pipe, "x", 1); }

template <class Launcher>
bool RunsAtexitHandlers() {
  int ends[2];
  EXPECT_EQ(::pipe2(ends, O_NONBLOCK), 0);
  InACopy([&ends] {
    handler_pipe = ends[1];
    std::atexit(WriteAByte);
    asio::io_context context;
    process::error_code error;
    auto failed = Launcher()(context.get_executor(), error, kNoProgram, kNoArguments);
    ::waitpid(-1, nullptr, 0);
    return 0;  // by _exit: no handler of this process runs
  });
  char byte = 0;
  const bool ran = ::read(ends[0], &byte, 1) == 1;
  ::close(ends[0]);
  ::close(ends[1]);
  return ran;
}

TEST(StockLauncherTest, AtexitHandlersRunInAFailedChild) {
  EXPECT_TRUE(RunsAtexitHandlers<process::posix::default_launcher>());
  EXPECT_FALSE(RunsAtexitHandlers<Clone3Launcher>());
}

// After a launch the parent's context must still work: a timer fires, and the child's end is seen.
template <class Launcher>
int ContextAfterALaunch() {
  return InACopy([] {
    // What goes wrong may end in an abort with a text: not on the test's output.
    const int null = ::open("/dev/null", O_WRONLY);
    ::dup2(null, STDERR_FILENO);
    asio::io_context context;
    const std::vector<std::string> arguments = {"-c", "exit 7"};
    for (int round = 0; round < 2; ++round) {
      auto child = Launcher()(context, "/bin/sh", arguments);
      int code = -1;
      child.async_wait([&](process::error_code, int exit_code) { code = exit_code; });
      context.restart();
      context.run_for(std::chrono::seconds(10));
      if (code != 7) return 1;
    }
    return 0;
  });
}

TEST(StockLauncherTest, TheVforkLauncherBreaksTheContext) {
  EXPECT_NE(ContextAfterALaunch<process::posix::vfork_launcher>(), 0);
  EXPECT_EQ(ContextAfterALaunch<Clone3Launcher>(), 0);
}

// Its on_setup ends without a return statement: what happens then is up to the compiler, but it is
// not that the program starts with the descriptor.
TEST(StockLauncherTest, BindFdDoesNotWork) {
  EXPECT_NE(InACopy([] {
              ::alarm(5);
              ::dup2(::open("/dev/null", O_WRONLY), STDERR_FILENO);
              asio::io_context context;
              const std::vector<std::string> arguments = {"-c", "test -e /proc/self/fd/9"};
              auto child = process::posix::default_launcher()(
                  context, "/bin/sh", arguments, process::posix::bind_fd(9, STDOUT_FILENO));
              return child.wait();
            }),
            0);
  asio::io_context context;
  ChildSetup setup;
  setup.fds.push_back({STDOUT_FILENO, 9});
  const std::vector<std::string> arguments = {"-c", "test -e /proc/self/fd/9"};
  auto child = Clone3Launcher()(context, "/bin/sh", arguments, ChildSetupInitializer(setup));
  EXPECT_EQ(child.wait(), 0);
}

}  // namespace
}  // namespace portlab
