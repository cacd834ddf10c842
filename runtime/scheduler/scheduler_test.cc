#include "scheduler/scheduler.h"

#include <gtest/gtest.h>

namespace portlab {
namespace {

class Counter : public Runnable {
 public:
  explicit Counter(int more) : more_(more) {}
  bool Run(int) override {
    EXPECT_EQ(inside_.fetch_add(1), 0) << "two threads in one Runnable";
    const int left = more_.fetch_sub(1) - 1;
    runs_.fetch_add(1);
    inside_.fetch_sub(1);
    return left > 0;
  }
  int runs() const { return runs_.load(); }

 private:
  std::atomic<int> more_;
  std::atomic<int> runs_{0};
  std::atomic<int> inside_{0};
};

void WaitFor(const std::function<bool()>& done) {
  Mutex mutex;
  Condition never;
  for (int i = 0; i < 5000 && !done(); ++i) {
    MutexLock lock(mutex);
    never.WaitUntil(mutex, MonotonicNow() + kMillisecond);
  }
}

TEST(SchedulerTest, RunsWhatSaysMoreUntilItSaysNoMore) {
  Counter counter(10);
  Scheduler scheduler(2);
  scheduler.Start();
  scheduler.Enqueue(counter);
  WaitFor([&] { return counter.runs() == 10; });
  EXPECT_EQ(counter.runs(), 10);
  EXPECT_EQ(scheduler.Stop(kForever), 0);
}

TEST(SchedulerTest, WakeDuringRunRunsOnceMore) {
  struct Waker : Runnable {
    Scheduler* scheduler = nullptr;
    std::atomic<int> runs{0};
    bool Run(int) override {
      if (runs.fetch_add(1) == 0) {
        scheduler->Enqueue(*this);
        scheduler->Enqueue(*this);
      }
      return false;
    }
  } waker;
  Scheduler scheduler(2);
  waker.scheduler = &scheduler;
  scheduler.Start();
  scheduler.Enqueue(waker);
  WaitFor([&] { return waker.runs == 2; });
  scheduler.Stop(kForever);
  EXPECT_EQ(waker.runs, 2);
}

TEST(SchedulerTest, StuckThreadIsSeenAndTheOtherServesItsQueue) {
  struct Stuck : Runnable {
    std::atomic<bool> inside{false};
    std::atomic<bool> release{false};
    bool Run(int) override {
      inside = true;
      while (!release) {
      }
      return false;
    }
  } stuck;
  Counter counter(1);
  Scheduler scheduler(2);
  scheduler.Start();
  scheduler.Enqueue(stuck);
  WaitFor([&] { return stuck.inside.load(); });
  for (int i = 0; i < 4; ++i) scheduler.Enqueue(counter);
  WaitFor([&] { return counter.runs() > 0; });
  EXPECT_GE(counter.runs(), 1);
  WaitFor([&] { return scheduler.StuckThreads(10 * kMillisecond) == 1; });
  EXPECT_EQ(scheduler.StuckThreads(10 * kMillisecond), 1);
  EXPECT_EQ(scheduler.Stop(20 * kMillisecond), 1);
  stuck.release = true;
  EXPECT_EQ(scheduler.Stop(kForever), 0);
}

// As a pollset: wake-ups that nobody has answered yet are one. Wakes nobody at first.
class OneFlag : public IdleWait {
 public:
  void Wait() override {
    MutexLock lock(mutex_);
    ++waiting_;
    while (!woken_ || held_) condition_.Wait(mutex_);
    --waiting_;
    woken_ = false;
  }
  void Wake() override {
    MutexLock lock(mutex_);
    woken_ = true;
    condition_.NotifyOne();
  }
  void Look() override { looks_.fetch_add(1); }
  // Until Release no Wait returns.
  void Hold() {
    MutexLock lock(mutex_);
    held_ = true;
  }
  void Release() {
    MutexLock lock(mutex_);
    held_ = false;
    condition_.NotifyOne();
  }
  int waiting() {
    MutexLock lock(mutex_);
    return waiting_;
  }
  int looks() const { return looks_.load(); }

 private:
  Mutex mutex_;
  Condition condition_;
  bool woken_ = false;
  bool held_ = false;
  int waiting_ = 0;
  std::atomic<int> looks_{0};
};

TEST(SchedulerTest, OneWakeUpForTwoRunnablesReachesTwoThreads) {
  struct Meets : Runnable {
    std::atomic<int>* inside = nullptr;
    bool Run(int) override {
      inside->fetch_add(1);
      WaitFor([&] { return inside->load() == 2; });
      return false;
    }
  } one, other;
  std::atomic<int> inside{0};
  one.inside = other.inside = &inside;
  OneFlag idle;
  Scheduler scheduler(2);
  scheduler.Start(&idle);
  WaitFor([&] { return idle.waiting() == 2; });
  idle.Hold();
  scheduler.Enqueue(one);
  scheduler.Enqueue(other);
  idle.Release();
  WaitFor([&] { return inside.load() == 2; });
  EXPECT_EQ(inside.load(), 2);
  EXPECT_EQ(scheduler.Stop(kForever), 0) << "each thread that ends wakes the next";
}

TEST(SchedulerTest, ABusyThreadLooksEverySoOften) {
  OneFlag idle;
  Counter busy(1000);
  Scheduler scheduler(1);
  scheduler.Start(&idle);
  scheduler.Enqueue(busy);
  WaitFor([&] { return busy.runs() == 1000; });
  EXPECT_EQ(scheduler.Stop(kForever), 0);
  EXPECT_GE(idle.looks(), 10);
}

}  // namespace
}  // namespace portlab
