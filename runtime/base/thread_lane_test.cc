#include "base/thread_lane.h"

#include <gtest/gtest.h>

#include <latch>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace portlab {
namespace {

TEST(ThreadLaneTest, ThreadsThatLiveAtOnceHaveLanesOfTheirOwn) {
  constexpr int kThreads = 8;
  std::latch all_have_one(kThreads);
  std::mutex mutex;
  std::set<std::uint32_t> lanes;
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      const std::uint32_t mine = ThreadLane::Mine();
      {
        const std::lock_guard lock(mutex);
        lanes.insert(mine);
      }
      all_have_one.arrive_and_wait();
    });
  }
  threads.clear();
  EXPECT_EQ(lanes.size(), static_cast<std::size_t>(kThreads));
}

TEST(ThreadLaneTest, ALaneIsUsedAgainWhenItsThreadHasEnded) {
  for (std::uint32_t i = 0; i < 3 * ThreadLane::kLanes; ++i) {
    std::thread([] { EXPECT_NE(ThreadLane::Mine(), ThreadLane::kShared); }).join();
  }
}

// More threads than lanes: those that share one lose nothing.
TEST(ThreadLaneTest, ACounterCountsWhatAllThreadsCount) {
  constexpr int kThreads = 100;
  constexpr int kCounts = 1000;
  LaneCounter counter;
  std::latch all_have_one(kThreads);
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      (void)ThreadLane::Mine();
      all_have_one.arrive_and_wait();
      for (int n = 0; n < kCounts; ++n) counter.Add(n % 2 == 0 ? 3 : -1);
    });
  }
  threads.clear();
  EXPECT_EQ(counter.sum(), std::int64_t{kThreads} * kCounts);
}

}  // namespace
}  // namespace portlab
