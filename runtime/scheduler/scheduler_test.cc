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

}  // namespace
}  // namespace portlab
