// A Boost.Process v2 launcher over Clone3Exec. Use it where default_launcher would be used, with
// v2's initialisers:
//
//   auto process = Clone3Launcher()(io_context, error, "/bin/cat", argv,
//   process_start_dir("/tmp"));
//
// It replaces the launchers of Boost 1.81, which leave a zombie after a failed exec, run the
// parent's atexit handlers in the child, and close none of the descriptors they promise to close
// (launch_test shows the first as a control).
//
// Differences from default_launcher: the process gets its pidfd from clone3; on_error really is
// called; on_exec_error is not, since nothing of the caller's has any business in a failed child;
// on_exec_setup must not throw, allocate or lock (the child runs in the parent's memory).
// posix::bind_fd has no return statement in 1.81: use ChildSetup::fds.
//
// Threads: one launch per object. Heavy: this header pulls in Boost; only .cc files may include it,
// and only two do. Source: Boost.Process 1.81 v2; performance.md A1; isolation.md 1.3.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/is_executor.hpp>
#include <boost/process/v2/posix/default_launcher.hpp>
#include <boost/process/v2/process.hpp>
#include <cerrno>
#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

#include "launch/child_setup.h"
#include "launch/clone3_exec.h"

namespace portlab {

class Clone3Launcher : public boost::process::v2::posix::default_launcher {
  using Path = boost::process::v2::filesystem::path;
  using ErrorCode = boost::process::v2::error_code;
  template <class Executor>
  using Process = boost::process::v2::basic_process<Executor>;
  template <class T>
  static constexpr bool kIsContext = std::is_convertible_v<T&, boost::asio::execution_context&>;
  template <class T>
  static constexpr bool kIsExecutor =
      boost::asio::execution::is_executor<T>::value || boost::asio::is_executor<T>::value;

 public:
  std::uint64_t ignored_signals = 0;                 // SignalBit() of each
  const std::uint64_t* ignored_by_caller = nullptr;  // as in Clone3Request

  template <class Context, class Args, class... Inits>
  requires kIsContext<Context>
  auto operator()(Context& context, const Path& executable, Args&& args, Inits&&... inits) {
    return (*this)(context.get_executor(), executable, std::forward<Args>(args),
                   std::forward<Inits>(inits)...);
  }

  template <class Context, class Args, class... Inits>
  requires kIsContext<Context>
  auto operator()(Context& context, ErrorCode& error, const Path& executable, Args&& args,
                  Inits&&... inits) {
    return (*this)(context.get_executor(), error, executable, std::forward<Args>(args),
                   std::forward<Inits>(inits)...);
  }

  template <class Executor, class Args, class... Inits>
  requires kIsExecutor<Executor>
  auto operator()(Executor executor, const Path& executable, Args&& args, Inits&&... inits)
      -> Process<Executor> {
    ErrorCode error;
    auto process = (*this)(std::move(executor), error, executable, std::forward<Args>(args),
                           std::forward<Inits>(inits)...);
    if (error) throw boost::process::v2::system_error(error, "Clone3Launcher");
    return process;
  }

  template <class Executor, class Args, class... Inits>
  requires kIsExecutor<Executor>
  auto operator()(Executor executor, ErrorCode& error, const Path& executable, Args&& args,
                  Inits&&... inits) -> Process<Executor> {
    const char* const* argv = build_argv_(executable, std::forward<Args>(args));
    error.clear();
    ((error = error ? error : Setup(inits, executable, argv)), ...);
    Clone3Result result;
    if (!error) {
      result = Run(executable, argv, inits...);
      if (result.error != 0) error.assign(result.error, boost::process::v2::system_category());
    }
    if (error) {
      (Failed(inits, executable, argv, error), ...);
      return Process<Executor>(std::move(executor));
    }
    pid = result.pid;
    try {
      Process<Executor> process(executor, result.pid, result.pidfd);
      (Succeeded(inits, executable, argv), ...);
      return process;
    } catch (const boost::process::v2::system_error& failed) {
      // No room for its pidfd in the reactor: a process nobody would hear of.
      error = failed.code();
    }
    EndStarted(result);
    (Failed(inits, executable, argv, error), ...);
    return Process<Executor>(std::move(executor));
  }

 private:
  template <class... Inits>
  Clone3Result Run(const Path& executable, const char* const* argv, Inits&... inits) {
    auto in_child = [&]() noexcept -> int {
      ErrorCode error;
      ((error = error ? error : SetupInChild(inits, executable, argv)), ...);
      return error.value();
    };
    std::sort(fd_whitelist.begin(), fd_whitelist.end());
    fd_whitelist.erase(std::unique(fd_whitelist.begin(), fd_whitelist.end()), fd_whitelist.end());
    Clone3Request request;
    request.file = executable.c_str();
    request.argv = argv;
    request.environment = env;
    request.keep = fd_whitelist.data();
    request.keep_count = fd_whitelist.size();
    request.ignored_signals = ignored_signals;
    request.ignored_by_caller = ignored_by_caller;
    request.setup = [](void* data) { return (*static_cast<decltype(in_child)*>(data))(); };
    request.setup_data = &in_child;
    return Clone3Exec(request);
  }

  // The pidfd was not taken.
  static void EndStarted(const Clone3Result& started) {
    ::kill(started.pid, SIGKILL);
    while (::waitpid(started.pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    ::close(started.pidfd);
  }

  template <class Init>
  ErrorCode Setup(Init& init, const Path& executable, const char* const*& argv) {
    if constexpr (requires { init.on_setup(*this, executable, argv); }) {
      return init.on_setup(*this, executable, argv);
    } else {
      return {};
    }
  }

  template <class Init>
  ErrorCode SetupInChild(Init& init, const Path& executable, const char* const* argv) {
    if constexpr (requires { init.on_exec_setup(*this, executable, argv); }) {
      return init.on_exec_setup(*this, executable, argv);
    } else {
      return {};
    }
  }

  template <class Init>
  void Failed(Init& init, const Path& executable, const char* const* argv, const ErrorCode& error) {
    if constexpr (requires { init.on_error(*this, executable, argv, error); }) {
      init.on_error(*this, executable, argv, error);
    }
  }

  template <class Init>
  void Succeeded(Init& init, const Path& executable, const char* const* argv) {
    if constexpr (requires { init.on_success(*this, executable, argv); }) {
      init.on_success(*this, executable, argv);
    }
  }
};

// Makes a ChildSetup an initialiser. The launcher's descriptors become exactly those of the setup.
class ChildSetupInitializer {
 public:
  explicit ChildSetupInitializer(ChildSetup& setup) : setup_(setup) {}

  boost::process::v2::error_code on_setup(boost::process::v2::posix::default_launcher& launcher,
                                          const boost::process::v2::filesystem::path&,
                                          const char* const*) {
    setup_.Prepare();
    launcher.fd_whitelist = setup_.keep();
    return {};
  }

  boost::process::v2::error_code on_exec_setup(boost::process::v2::posix::default_launcher&,
                                               const boost::process::v2::filesystem::path&,
                                               const char* const*) {
    return {setup_.RunInChild(), boost::process::v2::system_category()};
  }

 private:
  ChildSetup& setup_;
};

}  // namespace portlab
