#include "timer/timer_thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace portlab {
namespace {

constexpr Nanos kHour = 3'600'000 * kMillisecond;

bool Soon(const std::atomic<bool>& what) {
  for (int i = 0; i < 10'000 && !what; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return what;
}

TEST(TimerThreadTest, AnEarlierTimerIsNotMissed) {
  TimerService timers;
  TimerThread thread(timers);
  thread.Start();
  std::atomic<bool> late = false;
  timers.Start(MonotonicNow() + kHour, [&] { late = true; });
  // It may sleep for the hour by now.
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  std::atomic<bool> early = false;
  timers.Start(MonotonicNow() + kMillisecond, [&] { early = true; });
  EXPECT_TRUE(Soon(early));
  EXPECT_FALSE(late);
  thread.Stop();
}

TEST(TimerThreadTest, WhatATimerStartsIsServed) {
  TimerService timers;
  TimerThread thread(timers);
  std::atomic<bool> second = false;
  thread.Start();
  timers.Start(MonotonicNow(), [&] { timers.Start(MonotonicNow(), [&] { second = true; }); });
  EXPECT_TRUE(Soon(second));
  thread.Stop();
}

TEST(TimerThreadTest, OneThatWasNotStartedStops) {
  TimerService timers;
  TimerThread thread(timers);
  thread.Stop();
}

}  // namespace
}  // namespace portlab
