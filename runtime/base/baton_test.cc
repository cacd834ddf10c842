#include "base/baton.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <set>
#include <thread>
#include <vector>

#include "base/black_box.h"
#include "base/ordered_thread.h"

namespace portlab {
namespace {

constexpr Nanos kHour = 3600 * 1000 * kMillisecond;

class Baton {
 public:
  explicit Baton(std::uint64_t seed) { Order::InstallBaton(seed); }
  ~Baton() { Order::Uninstall(); }
};

// Four threads that change places many times; what they did, in order, and the digest.
struct Path {
  std::vector<int> steps;
  std::uint64_t digest = 0;
  bool operator==(const Path&) const = default;
};

Path Walk(std::uint64_t seed) {
  const Baton baton(seed);
  Path path;
  {
    const JoinedThread main("main");
    OrderedMutex mutex;
    std::vector<OrderedThread> threads;
    for (int number = 0; number < 4; ++number) {
      threads.emplace_back("walker", [&, number] {
        for (int i = 0; i < 10; ++i) {
          mutex.Lock();
          path.steps.push_back(number);
          Order::Point();
          mutex.Unlock();
        }
      });
    }
    for (OrderedThread& thread : threads) thread.Join();
    path.digest = Order::digest();
  }
  return path;
}

TEST(BatonTest, EqualSeedsTakeEqualPaths) {
  for (std::uint64_t seed = 0; seed < 5; ++seed) EXPECT_EQ(Walk(seed), Walk(seed));
}

TEST(BatonTest, DifferentSeedsTakeDifferentPaths) {
  std::set<std::uint64_t> digests;
  std::set<std::vector<int>> paths;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Path path = Walk(seed);
    digests.insert(path.digest);
    paths.insert(path.steps);
  }
  EXPECT_GE(digests.size(), 15u);
  EXPECT_GE(paths.size(), 15u);
}

TEST(BatonTest, SleepOfAnHourTakesNoTime) {
  const auto start = std::chrono::steady_clock::now();
  const Baton baton(1);
  const JoinedThread main("main");
  Mutex mutex;
  Condition never;
  const Nanos before = MonotonicNow();
  {
    const MutexLock lock(mutex);
    EXPECT_FALSE(never.WaitUntil(mutex, before + kHour));
  }
  EXPECT_EQ(MonotonicNow(), before + kHour);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
}

TEST(BatonTest, SleepersWakeInTheOrderOfTheirDeadlines) {
  const Baton baton(3);
  const JoinedThread main("main");
  std::vector<int> woken;
  std::vector<OrderedThread> threads;
  for (const int hours : {3, 1, 2}) {
    threads.emplace_back("sleeper", [&woken, hours] {
      Mutex mutex;
      Condition never;
      const MutexLock lock(mutex);
      while (never.WaitUntil(mutex, 1'000'000 * kMillisecond + hours * kHour)) {
      }
      woken.push_back(hours);
    });
  }
  for (OrderedThread& thread : threads) thread.Join();
  EXPECT_EQ(woken, (std::vector<int>{1, 2, 3}));
}

TEST(BatonTest, TimeStandsStillWhileAThreadCanRun) {
  const Baton baton(3);
  const JoinedThread main("main");
  const Nanos before = MonotonicNow();
  OrderedThread sleeper("sleeper", [before] {
    Mutex mutex;
    Condition never;
    const MutexLock lock(mutex);
    while (never.WaitUntil(mutex, before + 1)) {
    }
  });
  for (int i = 0; i < 100; ++i) Order::Point();
  EXPECT_EQ(MonotonicNow(), before);
  sleeper.Join();
  EXPECT_EQ(MonotonicNow(), before + 1);
}

TEST(BatonTest, IdlingThreadPollsThenReachesItsDeadline) {
  const Baton baton(5);
  const JoinedThread main("poller");
  const Nanos deadline = MonotonicNow() + kHour;
  EXPECT_EQ(Order::WaitIdle(deadline), Idle::kPoll);
  EXPECT_LT(MonotonicNow(), deadline);
  EXPECT_EQ(Order::WaitIdle(deadline), Idle::kDeadline);
  EXPECT_EQ(MonotonicNow(), deadline);
}

TEST(BatonTest, IdlingThreadRunsOnlyWhenNoOtherCan) {
  const Baton baton(5);
  const JoinedThread main("poller");
  int steps = 0;
  OrderedThread worker("worker", [&] {
    for (; steps < 50; ++steps) Order::Point();
  });
  EXPECT_EQ(Order::WaitIdle(kForever), Idle::kPoll);
  EXPECT_EQ(steps, 50);
  worker.Join();
}

TEST(BatonTest, IdlingThreadPollsAgainAfterOthersRan) {
  const Baton baton(5);
  const JoinedThread main("poller");
  const Nanos start = MonotonicNow();
  OrderedThread sleeper("sleeper", [start] {
    Mutex mutex;
    Condition never;
    const MutexLock lock(mutex);
    while (never.WaitUntil(mutex, start + kHour)) {
    }
  });
  EXPECT_EQ(Order::WaitIdle(start + 2 * kHour), Idle::kPoll);
  EXPECT_EQ(Order::WaitIdle(start + 2 * kHour), Idle::kPoll);
  EXPECT_GE(MonotonicNow(), start + kHour);
  EXPECT_LT(MonotonicNow(), start + 2 * kHour);
  EXPECT_EQ(Order::WaitIdle(start + 2 * kHour), Idle::kDeadline);
  sleeper.Join();
}

TEST(BatonTest, IdlingThreadMayBlockOnItsFdsWhenNothingElseCanGoOn) {
  const Baton baton(5);
  const JoinedThread main("poller");
  EXPECT_EQ(Order::WaitIdle(kForever, true), Idle::kPoll);
  EXPECT_EQ(Order::WaitIdle(kForever, true), Idle::kMayBlock);
}

TEST(BatonTest, PollingForeverMovesTimeToTheNextDeadline) {
  const Baton baton(5);
  const JoinedThread main("poller");
  const Nanos deadline = MonotonicNow() + kMillisecond;
  Idle idle = Idle::kPoll;
  int polls = 0;
  for (; idle == Idle::kPoll && polls < 1000; ++polls) {
    idle = Order::WaitIdle(deadline, true);
    Order::WakeIdle();
  }
  EXPECT_EQ(idle, Idle::kDeadline);
  EXPECT_EQ(polls, 100);
}

TEST(BatonTest, JoinsNest) {
  const Baton baton(5);
  const JoinedThread outer("outer");
  { const JoinedThread inner("inner"); }
  const std::uint64_t before = Order::digest();
  Order::Point();
  EXPECT_NE(Order::digest(), before);
}

TEST(BatonTest, OutsideOrderLetsOthersRun) {
  const Baton baton(5);
  const JoinedThread main("main");
  std::atomic<bool> ran{false};
  OrderedThread worker("worker", [&] { ran = true; });
  {
    const OutsideOrder outside;
    while (!ran) std::this_thread::yield();
  }
  worker.Join();
  EXPECT_TRUE(ran);
}

TEST(BatonTest, LockHeldByAThreadThatHasNotJoinedIsNoDeadlock) {
  const Baton baton(5);
  OrderedMutex mutex;
  mutex.Lock();
  std::atomic<bool> entered{false};
  std::atomic<bool> locked{false};
  OrderedThread worker("worker", [&] {
    entered = true;
    mutex.Lock();
    locked = true;
    mutex.Unlock();
  });
  while (!entered) std::this_thread::yield();
  ::usleep(2000);
  EXPECT_FALSE(locked);
  mutex.Unlock();
  worker.Join();
  EXPECT_TRUE(locked);
}

// What the analysis would refuse is what these do.
void DeadlockOfTwo() NO_THREAD_SAFETY_ANALYSIS {
  Order::InstallBaton(1);
  const JoinedThread main("chess player");
  OrderedMutex mutex;
  mutex.Lock();
  OrderedThread other("go player", [&]() NO_THREAD_SAFETY_ANALYSIS { mutex.Lock(); });
  other.Join();
}

void LockTwice() NO_THREAD_SAFETY_ANALYSIS {
  OrderedMutex mutex;
  mutex.Lock();
  mutex.Lock();
}

void IdleWithNothingToWaitFor() {
  Order::InstallBaton(1);
  const JoinedThread main("poller");
  Order::WaitIdle(kForever);
  Order::WaitIdle(kForever);
}

class OrderDeathTest : public testing::Test {
 protected:
  OrderDeathTest() { testing::FLAGS_gtest_death_test_style = "threadsafe"; }
};

TEST_F(OrderDeathTest, DeadlockStopsTheHostAndNamesTheThreads) {
  EXPECT_EXIT(DeadlockOfTwo(), testing::ExitedWithCode(kExitContract),
              "deadlock: every thread waits: chess player, go player");
}

TEST_F(OrderDeathTest, IdlingWithoutFdsAndDeadlinesIsADeadlock) {
  EXPECT_EXIT(IdleWithNothingToWaitFor(), testing::ExitedWithCode(kExitContract),
              "deadlock: every thread waits: poller");
}

TEST_F(OrderDeathTest, LockingTwiceIsABug) { EXPECT_DEATH(LockTwice(), "locked twice"); }

}  // namespace
}  // namespace portlab
