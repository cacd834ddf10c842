// Counters that many threads count on and few read: each thread adds to a place of its own, the
// reader sums. A count shared by all threads costs an atomic operation each time, and a cache line
// that wanders.
//
// A lane belongs to one thread while that lives, then to another. When more threads than lanes
// live, the last lane is shared.
// Threads: any. Errors: none. sum() is exact when nobody counts meanwhile.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace portlab {

class ThreadLane {
 public:
  static constexpr std::uint32_t kLanes = 64;
  static constexpr std::uint32_t kShared = kLanes - 1;

  // The calling thread's.
  static std::uint32_t Mine() {
    if (mine_ == kNone) [[unlikely]]
      Take();
    return mine_;
  }

  // Lanes that were ever taken, the shared one aside: those behind them were never counted in.
  static std::uint32_t Used() { return used_.load(std::memory_order_acquire); }

  // Adds to a counter that stands in lane Mine().
  static void Add(std::atomic<std::uint64_t>& counter, std::uint64_t change, std::uint32_t lane) {
    if (lane == kShared) [[unlikely]] {
      counter.fetch_add(change, std::memory_order_relaxed);
    } else {
      counter.store(counter.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
    }
  }

 private:
  static constexpr std::uint32_t kNone = kLanes;
  static void Take();
  static inline thread_local constinit std::uint32_t mine_ = kNone;
  static inline constinit std::atomic<std::uint32_t> used_{0};
};

class LaneCounter {
 public:
  void Add(std::int64_t change) {
    const std::uint32_t lane = ThreadLane::Mine();
    ThreadLane::Add(lanes_[lane].count, static_cast<std::uint64_t>(change), lane);
  }
  std::int64_t sum() const {
    std::uint64_t sum = lanes_[ThreadLane::kShared].count.load(std::memory_order_relaxed);
    const std::uint32_t used = ThreadLane::Used();
    for (std::uint32_t i = 0; i < used; ++i) sum += lanes_[i].count.load(std::memory_order_relaxed);
    return static_cast<std::int64_t>(sum);
  }

 private:
  struct alignas(64) Lane {
    std::atomic<std::uint64_t> count{0};
  };
  std::array<Lane, ThreadLane::kLanes> lanes_;
};

}  // namespace portlab
