#include "launch/clone3_exec.h"

#include <linux/sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

#include "launch/clone_onto_stack.h"

#if defined(__SANITIZE_ADDRESS__)
#define PORTLAB_HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PORTLAB_HAS_ASAN 1
#endif
#endif
#if defined(PORTLAB_HAS_ASAN)
#include <sanitizer/asan_interface.h>
#endif

namespace portlab {
namespace {

constexpr std::size_t kGuardSize = 64 * 1024;  // a multiple of every page size in use
constexpr std::size_t kStackSize = 256 * 1024;
constexpr std::uint64_t kAllSignals = ~std::uint64_t{0};
constexpr int kSignalCount = 64;
constexpr int kExecFailed = 127;

struct Shared {
  const Clone3Request* request;
  bool handlers_are_clear;  // the child has no handlers, and ignores what the caller ignores
  volatile int error;
};

// The kernel's struct sigaction, whose size glibc hides.
struct KernelSigaction {
  std::uintptr_t handler;
  unsigned long flags;
  std::uintptr_t restorer;
  std::uint64_t mask;
};

PORTLAB_UNINSTRUMENTED void SetSignalMask(std::uint64_t mask, std::uint64_t* previous) {
  ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, previous, sizeof mask);
}

// `change`: of which signals the disposition may be another.
PORTLAB_UNINSTRUMENTED void ResetSignals(std::uint64_t ignored, std::uint64_t change) {
  for (int signo = 1; signo <= kSignalCount; ++signo) {
    if (signo == SIGKILL || signo == SIGSTOP || ((change >> (signo - 1)) & 1) == 0) continue;
    const bool ignore = ((ignored >> (signo - 1)) & 1) != 0;
    const KernelSigaction action = {ignore ? std::uintptr_t{1} : std::uintptr_t{0}, 0, 0, 0};
    ::syscall(SYS_rt_sigaction, signo, &action, nullptr, sizeof action.mask);
  }
}

PORTLAB_UNINSTRUMENTED int CloseAllBut(const int* keep, std::size_t count) {
  unsigned first = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const unsigned kept = static_cast<unsigned>(keep[i]);
    if (kept > first && ::syscall(SYS_close_range, first, kept - 1, 0) < 0) return errno;
    first = kept + 1;
  }
  return ::syscall(SYS_close_range, first, UINT_MAX, 0) < 0 ? errno : 0;
}

PORTLAB_UNINSTRUMENTED int ChildMain(void* data) {
  Shared* shared = static_cast<Shared*>(data);
  const Clone3Request* request = shared->request;
  // Before the mask opens: a handler of the parent's must not run in its memory under another pid.
  ResetSignals(request->ignored_signals,
               shared->handlers_are_clear ? request->ignored_signals ^ *request->ignored_by_caller
                                          : kAllSignals);
  int error = request->setup != nullptr ? request->setup(request->setup_data) : 0;
  if (error == 0) error = CloseAllBut(request->keep, request->keep_count);
  if (error == 0) {
    SetSignalMask(0, nullptr);
    ::syscall(SYS_execve, request->file, request->argv, request->environment);
    error = errno;
  }
  shared->error = error;
  return kExecFailed;
}

void ReapFailed(int pidfd) {
  siginfo_t info;
  while (::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | __WALL) != 0 &&
         errno == EINTR) {
  }
  ::close(pidfd);
}

}  // namespace

Clone3Result Clone3Exec(const Clone3Request& request) {
  const int saved_errno = errno;  // the child's system calls write to this thread's errno
  void* mapping = ::mmap(nullptr, kGuardSize + kStackSize, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (mapping == MAP_FAILED) return {.error = errno};
  if (::mprotect(mapping, kGuardSize, PROT_NONE) != 0) {
    const int error = errno;
    ::munmap(mapping, kGuardSize + kStackSize);
    return {.error = error};
  }
  char* stack = static_cast<char*>(mapping) + kGuardSize;

  Shared shared = {&request, request.ignored_by_caller != nullptr, 0};
  int pidfd = -1;
  clone_args args = {};
  args.flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD;
  if (shared.handlers_are_clear) args.flags |= CLONE_CLEAR_SIGHAND;
  args.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  args.stack = reinterpret_cast<std::uintptr_t>(stack);
  args.stack_size = kStackSize;
  std::uint64_t mask = 0;
  SetSignalMask(kAllSignals, &mask);
  long pid = portlab_clone_onto_stack(&args, ChildMain, &shared);
  if (pid == -EINVAL && shared.handlers_are_clear) {  // before Linux 5.5
    shared.handlers_are_clear = false;
    args.flags &= ~static_cast<std::uint64_t>(CLONE_CLEAR_SIGHAND);
    pid = portlab_clone_onto_stack(&args, ChildMain, &shared);
  }
  SetSignalMask(mask, nullptr);

#if defined(PORTLAB_HAS_ASAN)
  // A setup that was killed midway leaves its frames poisoned, and the next mapping here would
  // inherit that.
  __asan_unpoison_memory_region(stack, kStackSize);
#endif
  ::munmap(mapping, kGuardSize + kStackSize);
  Clone3Result result;
  if (pid < 0) {
    result.error = static_cast<int>(-pid);
  } else if (shared.error != 0) {
    ReapFailed(pidfd);
    result.error = shared.error;
  } else {
    result.pid = static_cast<pid_t>(pid);
    result.pidfd = pidfd;
  }
  errno = saved_errno;
  return result;
}

std::uint64_t IgnoredSignals() {
  std::uint64_t ignored = 0;
  for (int signo = 1; signo <= kSignalCount; ++signo) {
    KernelSigaction action = {};
    const long got = ::syscall(SYS_rt_sigaction, signo, nullptr, &action, sizeof action.mask);
    if (got == 0 && action.handler == std::uintptr_t{1}) ignored |= SignalBit(signo);
  }
  return ignored;
}

}  // namespace portlab
