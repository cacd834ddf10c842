// How this thread's floating point arithmetic rounds, and which of its exceptions trap: what
// fesetround and feenableexcept change, and what a driver that forgets to change it back leaves to
// whoever runs on the thread next.
//
// Threads: of the calling one. A few instructions; no system call. Source: the processors' manuals,
// MXCSR and the x87 control word, FPCR; isolation.md 3, F5 and F6.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace portlab {

// Without the flags that say what happened, which every inexact division sets.
inline std::uint64_t FloatControl() {
#if defined(__x86_64__)
  constexpr unsigned kSseFlags = 0x3f;
  std::uint16_t x87 = 0;
  asm volatile("fnstcw %0" : "=m"(x87));
  return (std::uint64_t{x87} << 32) | (_mm_getcsr() & ~kSseFlags);
#elif defined(__aarch64__)
  std::uint64_t fpcr = 0;
  asm volatile("mrs %0, fpcr" : "=r"(fpcr));
  return fpcr;
#else
  return 0;
#endif
}

}  // namespace portlab
