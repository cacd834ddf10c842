// A second thread that notices when it stands still: it writes to pages of the arena, or only reads
// the clock, and keeps the longest time between two of its turns.
//
// Threads: made, asked and destroyed by one thread; its own thread ends with it. It is pinned to a
// CPU of its own, and the thread that made it to another, for as long as it lives; where that is
// permitted, both get the highest ordinary priority, so that other programs disturb them less.
// Ownership: the arena is the caller's and outlives it. Units: microseconds.
// Source: performance.md B1, "Stall of another thread".
#pragma once

#include <sched.h>

#include <atomic>
#include <cstdint>
#include <thread>

#include "reports/opening_cost/arena.h"

namespace portlab {

class Observer {
 public:
  enum class Kind { kWrites, kSpins };

  Observer(const Arena& arena, Kind kind);
  ~Observer();
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  // Two CPUs are needed: on one, the observer would only see the scheduler.
  static bool IsPossible();

  // Begins a window: returns when the observer is running.
  void Begin();
  // Ends it: the longest time the observer stood still within.
  double EndUs();

 private:
  void Run();

  const Arena& arena_;
  const Kind kind_;
  cpu_set_t maker_cpus_;
  int maker_priority_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> turns_{0};
  std::atomic<std::int64_t> longest_ns_{0};
  std::thread thread_;
};

}  // namespace portlab
