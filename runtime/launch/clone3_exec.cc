#include "launch/clone3_exec.h"

#include <linux/sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

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

PORTLAB_UNINSTRUMENTED void ResetSignals(std::uint64_t ignored) {
  for (int signo = 1; signo <= kSignalCount; ++signo) {
    if (signo == SIGKILL || signo == SIGSTOP) continue;
    const bool ignore = ((ignored >> (signo - 1)) & 1) != 0;
    const KernelSigaction action = {ignore ? std::uintptr_t{1} : std::uintptr_t{0}, 0, 0, 0};
    ::syscall(SYS_rt_sigaction, signo, &action, nullptr, sizeof action.mask);
  }
}

PORTLAB_UNINSTRUMENTED void CloseAllBut(const int* keep, std::size_t count) {
  unsigned first = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const unsigned kept = static_cast<unsigned>(keep[i]);
    if (kept > first) ::syscall(SYS_close_range, first, kept - 1, 0);
    first = kept + 1;
  }
  ::syscall(SYS_close_range, first, UINT_MAX, 0);
}

PORTLAB_UNINSTRUMENTED int ChildMain(void* data) {
  Shared* shared = static_cast<Shared*>(data);
  const Clone3Request* request = shared->request;
  // Before the mask opens: a handler of the parent's must not run in its memory under another pid.
  ResetSignals(request->ignored_signals);
  int error = request->setup != nullptr ? request->setup(request->setup_data) : 0;
  if (error == 0) {
    CloseAllBut(request->keep, request->keep_count);
    SetSignalMask(0, nullptr);
    ::syscall(SYS_execve, request->file, request->argv, request->environment);
    error = errno;
  }
  shared->error = error;
  return kExecFailed;
}

// A function cannot return into the frame it was called from on another stack, so the child's first
// steps are written out: call ChildMain, then exit_group with its result.
PORTLAB_UNINSTRUMENTED long CloneOntoStack(clone_args* args, int (*child)(void*), void* data) {
#if defined(__x86_64__)
  long result = SYS_clone3;
  asm volatile(
      "syscall\n\t"
      "test %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "mov %[data], %%rdi\n\t"
      "call *%[child]\n\t"
      "mov %%eax, %%edi\n\t"
      "mov %[exit], %%eax\n\t"
      "syscall\n\t"
      "hlt\n"
      "1:"
      : "+a"(result)
      : "D"(args),
        "S"(sizeof *args), [child] "r"(child), [data] "r"(data), [exit] "i"(SYS_exit_group)
      : "rcx", "r11", "memory", "cc");
  return result;
#elif defined(__aarch64__)
  register long number asm("x8") = SYS_clone3;
  register long result asm("x0") = reinterpret_cast<long>(args);
  register long size asm("x1") = sizeof *args;
  asm volatile(
      "svc #0\n\t"
      "cbnz x0, 1f\n\t"
      "mov x0, %[data]\n\t"
      "blr %[child]\n\t"
      "mov x8, %[exit]\n\t"
      "svc #0\n\t"
      "brk #1\n"
      "1:"
      : "+r"(result)
      : "r"(number), "r"(size), [child] "r"(child), [data] "r"(data), [exit] "i"(SYS_exit_group)
      : "memory", "cc", "x30");
  return result;
#else
#error "CloneOntoStack knows x86-64 and aarch64"
#endif
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
  ::mprotect(mapping, kGuardSize, PROT_NONE);
  char* stack = static_cast<char*>(mapping) + kGuardSize;

  Shared shared = {&request, 0};
  int pidfd = -1;
  clone_args args = {};
  args.flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD;
  args.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  args.stack = reinterpret_cast<std::uintptr_t>(stack);
  args.stack_size = kStackSize;
  std::uint64_t mask = 0;
  SetSignalMask(kAllSignals, &mask);
  const long pid = CloneOntoStack(&args, ChildMain, &shared);
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

}  // namespace portlab
