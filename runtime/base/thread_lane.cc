#include "base/thread_lane.h"

#include <bit>

namespace portlab {
namespace {

// Acquired and released, so that what a thread counted is what its lane's next owner goes on from.
std::atomic<std::uint64_t> taken{0};

// Gives the lane back when its thread ends. What a thread counts after that, in destructors of its
// own, goes to the shared lane.
struct LaneOfThread {
  explicit LaneOfThread(std::uint32_t& number) : lane(number) {}
  ~LaneOfThread() {
    const std::uint32_t mine = lane;
    lane = ThreadLane::kShared;
    if (mine != ThreadLane::kShared) {
      taken.fetch_and(~(std::uint64_t{1} << mine), std::memory_order_release);
    }
  }
  std::uint32_t& lane;
};

}  // namespace

void ThreadLane::Take() {
  std::uint64_t seen = taken.load(std::memory_order_relaxed);
  for (;;) {
    const auto lane = static_cast<std::uint32_t>(std::countr_one(seen));
    mine_ = lane < kShared ? lane : kShared;
    if (mine_ == kShared) break;
    const std::uint64_t bit = std::uint64_t{1} << lane;
    if (taken.compare_exchange_weak(seen, seen | bit, std::memory_order_acquire)) break;
  }
  if (mine_ != kShared) {
    std::uint32_t used = used_.load(std::memory_order_relaxed);
    while (used <= mine_ && !used_.compare_exchange_weak(used, mine_ + 1)) continue;
  }
  thread_local const LaneOfThread until_the_end(mine_);
}

}  // namespace portlab
