// futex(2), within one process. Threads: any. Units: nanoseconds of CLOCK_MONOTONIC.
// Source: futex(2).
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdint>

namespace portlab {

inline constexpr std::int64_t kNoDeadline = INT64_MAX;

// Sleeps while the word is `seen`. False: the deadline passed. Wakes up for no reason, too.
inline bool FutexWait(const std::atomic<std::uint32_t>& word, std::uint32_t seen,
                      std::int64_t deadline) {
  timespec until{};
  until.tv_sec = deadline / 1'000'000'000;
  until.tv_nsec = deadline % 1'000'000'000;
  const long result =
      ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, seen,
                deadline == kNoDeadline ? nullptr : &until, nullptr, FUTEX_BITSET_MATCH_ANY);
  return result == 0 || errno != ETIMEDOUT;
}

// Only the address counts: nothing is read from it.
inline void FutexWake(const std::atomic<std::uint32_t>* word, int count) {
  ::syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
}

}  // namespace portlab
