#include "base/order.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <set>
#include <thread>
#include <vector>

#include "base/ordered_thread.h"

namespace portlab {
namespace {

// Both sources of order must give the same promises.
class OrderTest : public testing::TestWithParam<bool> {
 protected:
  OrderTest() {
    if (GetParam()) Order::InstallBaton(7);
    Order::Join("main");
  }
  ~OrderTest() override {
    Order::Leave();
    if (GetParam()) Order::Uninstall();
  }
};

INSTANTIATE_TEST_SUITE_P(Sources, OrderTest, testing::Bool(),
                         [](const auto& source) { return source.param ? "Baton" : "Threads"; });

TEST_P(OrderTest, DeterministicIsTrueOnlyWithTheBaton) {
  EXPECT_EQ(Order::deterministic(), GetParam());
}

TEST_P(OrderTest, OrderedMutexExcludes) {
  OrderedMutex mutex;
  int counter = 0;
  int inside = 0;
  int overlaps = 0;
  {
    std::vector<OrderedThread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back("counter", [&] {
        for (int i = 0; i < 500; ++i) {
          mutex.Lock();
          if (++inside != 1) ++overlaps;
          const int before = counter;
          Order::Point();
          counter = before + 1;
          --inside;
          mutex.Unlock();
        }
      });
    }
  }
  EXPECT_EQ(counter, 2000);
  EXPECT_EQ(overlaps, 0);
}

TEST_P(OrderTest, OrderedMutexKnowsItsOwner) {
  OrderedMutex mutex;
  EXPECT_FALSE(mutex.HeldByThisThread());
  mutex.Lock();
  EXPECT_TRUE(mutex.HeldByThisThread());
  bool held_elsewhere = true;
  bool locked_elsewhere = true;
  OrderedThread("other", [&] {
    held_elsewhere = mutex.HeldByThisThread();
    if (mutex.TryLock()) {
      mutex.Unlock();
    } else {
      locked_elsewhere = false;
    }
  }).Join();
  EXPECT_FALSE(held_elsewhere);
  EXPECT_FALSE(locked_elsewhere);
  mutex.Unlock();
  if (!mutex.TryLock()) FAIL() << "a free mutex could not be locked";
  EXPECT_TRUE(mutex.HeldByThisThread());
  mutex.Unlock();
}

TEST_P(OrderTest, NoWakeUpIsLost) {
  Mutex mutex;
  Condition changed;
  int tokens = 0;
  int taken = 0;
  constexpr int kEach = 300;
  {
    std::vector<OrderedThread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back("consumer", [&] {
        for (int i = 0; i < kEach; ++i) {
          const MutexLock lock(mutex);
          while (tokens == 0) changed.Wait(mutex);
          --tokens;
          ++taken;
        }
      });
      threads.emplace_back("producer", [&] {
        for (int i = 0; i < kEach; ++i) {
          {
            const MutexLock lock(mutex);
            ++tokens;
            changed.NotifyOne();
          }
          Order::Point();
        }
      });
    }
  }
  EXPECT_EQ(taken, 3 * kEach);
  EXPECT_EQ(tokens, 0);
}

TEST_P(OrderTest, NotifyAllWakesEveryWaiter) {
  Mutex mutex;
  Condition changed;
  int waiting = 0;
  bool open = false;
  std::vector<OrderedThread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back("waiter", [&] {
      const MutexLock lock(mutex);
      ++waiting;
      changed.NotifyAll();
      while (!open) changed.Wait(mutex);
    });
  }
  {
    const MutexLock lock(mutex);
    while (waiting < 3) changed.Wait(mutex);
    open = true;
    changed.NotifyAll();
  }
  for (OrderedThread& thread : threads) thread.Join();
  EXPECT_EQ(waiting, 3);
}

TEST_P(OrderTest, WaitUntilReturnsFalseAtItsDeadline) {
  Mutex mutex;
  Condition never;
  const Nanos deadline = MonotonicNow() + 20 * kMillisecond;
  const MutexLock lock(mutex);
  while (never.WaitUntil(mutex, deadline)) {
  }
  EXPECT_GE(MonotonicNow(), deadline);
}

TEST_P(OrderTest, WaitUntilOfAPassedDeadlineReturnsFalse) {
  Mutex mutex;
  Condition never;
  const MutexLock lock(mutex);
  EXPECT_FALSE(never.WaitUntil(mutex, MonotonicNow() - 1));
}

TEST_P(OrderTest, AThreadThatHasNotJoinedCanLockAndWait) {
  OrderedMutex long_lock;
  Mutex mutex;
  Condition changed;
  bool guest_is_done = false;
  std::thread guest([&] {
    long_lock.Lock();
    long_lock.Unlock();
    const MutexLock lock(mutex);
    changed.WaitUntil(mutex, MonotonicNow() + kMillisecond);
    guest_is_done = true;
    changed.NotifyAll();
  });
  {
    const OutsideOrder outside;
    guest.join();
  }
  const MutexLock lock(mutex);
  EXPECT_TRUE(guest_is_done);
}

TEST_P(OrderTest, ThreadsHaveAllSignalsBlockedButFaults) {
  sigset_t mask;
  ::sigemptyset(&mask);
  OrderedThread("masked", [&] { ::pthread_sigmask(SIG_SETMASK, nullptr, &mask); }).Join();
  EXPECT_EQ(::sigismember(&mask, SIGTERM), 1);
  EXPECT_EQ(::sigismember(&mask, SIGCHLD), 1);
  EXPECT_EQ(::sigismember(&mask, SIGSEGV), 0);
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  EXPECT_EQ(::sigismember(&mask, SIGTERM), 0);
}

TEST_P(OrderTest, ChooseStaysBelowItsBound) {
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 200; ++i) seen.insert(Order::Choose(3));
  EXPECT_EQ(seen, (std::set<std::uint64_t>{0, 1, 2}));
}

}  // namespace
}  // namespace portlab
