#include "reports/opening_cost/direct_start.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "launch/wait_status.h"

namespace portlab {
namespace {

constexpr int kNoExec = 127;

// What both kinds of fork do in the child; execve and _exit are all that a vfork child may call.
[[noreturn]] void Exec(const char* file) {
  char* const argv[] = {const_cast<char*>(file), nullptr};
  ::execve(file, argv, environ);
  ::_exit(kNoExec);
}

Result<void> Reap(pid_t pid) {
  int raw = 0;
  while (::waitpid(pid, &raw, 0) < 0) {
    if (errno != EINTR) return Fail(Error::Errno(errno, "waitpid"));
  }
  const WaitStatus status(raw);
  if (!status.exited(0)) return Fail(Error::General("the program " + status.ToString()));
  return {};
}

}  // namespace

Result<void> StartWithFork(const char* file) {
  const pid_t pid = ::fork();
  if (pid == 0) Exec(file);
  if (pid < 0) return Fail(Error::Errno(errno, "fork"));
  return Reap(pid);
}

Result<void> StartWithVfork(const char* file) {
  // Measuring vfork needs vfork. NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.vfork)
  const pid_t pid = ::vfork();
  if (pid == 0) Exec(file);
  if (pid < 0) return Fail(Error::Errno(errno, "vfork"));
  return Reap(pid);
}

Result<void> StartWithPosixSpawn(const char* file) {
  char* const argv[] = {const_cast<char*>(file), nullptr};
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, file, nullptr, nullptr, argv, environ);
  if (error != 0) return Fail(Error::Errno(error, "posix_spawn"));
  return Reap(pid);
}

}  // namespace portlab
