// One exec in a new process, without fork: clone3(CLONE_VM | CLONE_VFORK | CLONE_PIDFD) on a stack
// of its own. The cost does not grow with the caller's memory, and an error of the child comes back
// through that shared memory.
//
// What the child is promised: every signal disposition is the default or, if in `ignored_signals`,
// ignored; the mask is empty; the descriptors in `keep` are open and no others. What the caller is
// promised: no handler of its own runs in the child, no atexit handler ever, and a child that
// failed before its exec has been reaped.
//
// Threads: any number at once; only the calling thread waits, until the child has called exec.
// Under ASan and TSan too: the child's code is not instrumented and makes raw system calls, for it
// runs in the memory of its parent. Errors: errno values. ENOSYS where a seccomp filter forbids
// clone3. Source: clone(2), close_range(2); performance.md A1 and A2; isolation.md 1.3.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#if defined(__clang__)
#define PORTLAB_UNINSTRUMENTED \
  __attribute__((noinline, disable_sanitizer_instrumentation, no_sanitize("coverage", "undefined")))
#else
#define PORTLAB_UNINSTRUMENTED                                                             \
  __attribute__((noinline, no_sanitize_address, no_sanitize_thread, no_sanitize_undefined, \
                 no_profile_instrument_function))
#endif

namespace portlab {

constexpr std::uint64_t SignalBit(int signo) { return std::uint64_t{1} << (signo - 1); }

struct Clone3Request {
  const char* file = nullptr;
  const char* const* argv = nullptr;         // ends with nullptr
  const char* const* environment = nullptr;  // ends with nullptr; complete
  const int* keep = nullptr;                 // ascending, no duplicates
  std::size_t keep_count = 0;
  std::uint64_t ignored_signals = 0;  // SignalBit() of each
  // What the caller itself ignores (IgnoredSignals()), and will until Clone3Exec returns: the child
  // then has only the difference to change. Null: not known.
  const std::uint64_t* ignored_by_caller = nullptr;
  // Runs in the child before descriptors are closed: returns an errno, 0 to go on. It shares the
  // parent's memory and must neither allocate, lock, throw nor end the process.
  int (*setup)(void* data) = nullptr;
  void* setup_data = nullptr;
};

struct Clone3Result {
  int error = 0;   // 0: the program runs
  pid_t pid = -1;  // only without an error; the caller reaps it
  int pidfd = -1;  // only without an error; CLOEXEC; the caller's
};

Clone3Result Clone3Exec(const Clone3Request& request);

// Of this process: SignalBit() of each that it ignores now. As many system calls as there are
// signals.
std::uint64_t IgnoredSignals();

}  // namespace portlab
