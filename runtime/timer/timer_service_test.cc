#include "timer/timer_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace portlab {
namespace {

using testing::ElementsAre;

class TimerServiceTest : public testing::Test {
 protected:
  TimerId StartNumbered(Nanos deadline, int number) {
    return timers_.Start(deadline, [this, number] { fired_.push_back(number); });
  }

  TimerService timers_;
  std::vector<int> fired_;
};

TEST_F(TimerServiceTest, TimersFireInTheOrderOfTheirDeadlines) {
  StartNumbered(30, 3);
  StartNumbered(10, 1);
  StartNumbered(20, 2);
  EXPECT_EQ(timers_.AdvanceTo(25), 2u);
  EXPECT_THAT(fired_, ElementsAre(1, 2));
  EXPECT_EQ(timers_.AdvanceTo(30), 1u);
  EXPECT_THAT(fired_, ElementsAre(1, 2, 3));
}

TEST_F(TimerServiceTest, NothingFiresBeforeItsDeadline) {
  StartNumbered(10, 1);
  EXPECT_EQ(timers_.AdvanceTo(9), 0u);
  EXPECT_THAT(fired_, ElementsAre());
}

TEST_F(TimerServiceTest, EqualDeadlinesFireInTheOrderOfStart) {
  for (int i = 0; i < 5; ++i) StartNumbered(10, i);
  timers_.AdvanceTo(10);
  EXPECT_THAT(fired_, ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(TimerServiceTest, ATimerFiresOnce) {
  StartNumbered(10, 1);
  EXPECT_EQ(timers_.AdvanceTo(10), 1u);
  EXPECT_EQ(timers_.AdvanceTo(100), 0u);
  EXPECT_THAT(fired_, ElementsAre(1));
}

TEST_F(TimerServiceTest, CancelledTimerDoesNotFire) {
  const TimerId id = StartNumbered(10, 1);
  StartNumbered(10, 2);
  EXPECT_TRUE(timers_.Cancel(id));
  EXPECT_FALSE(timers_.Cancel(id));
  timers_.AdvanceTo(10);
  EXPECT_THAT(fired_, ElementsAre(2));
}

TEST_F(TimerServiceTest, CancelOfAFiredTimerGivesFalse) {
  const TimerId id = StartNumbered(10, 1);
  timers_.AdvanceTo(10);
  EXPECT_FALSE(timers_.Cancel(id));
  EXPECT_FALSE(timers_.Cancel(TimerId{12345}));
}

TEST_F(TimerServiceTest, NextDeadlineIsTheSmallest) {
  EXPECT_EQ(timers_.NextDeadline(), std::nullopt);
  StartNumbered(20, 2);
  const TimerId first = StartNumbered(10, 1);
  EXPECT_EQ(timers_.NextDeadline(), 10);
  timers_.Cancel(first);
  EXPECT_EQ(timers_.NextDeadline(), 20);
}

TEST_F(TimerServiceTest, DeadlineOfIsKnownUntilItFires) {
  const TimerId id = StartNumbered(20, 2);
  EXPECT_EQ(timers_.DeadlineOf(id), 20);
  timers_.AdvanceTo(20);
  EXPECT_EQ(timers_.DeadlineOf(id), std::nullopt);
}

TEST_F(TimerServiceTest, OnlyAnEarlierDeadlineCallsTheHook) {
  int calls = 0;
  timers_.OnEarlier([&] {
    ++calls;
    EXPECT_TRUE(timers_.NextDeadline());  // would hang if the lock were held
  });
  StartNumbered(20, 1);
  EXPECT_EQ(calls, 1);
  StartNumbered(20, 2);
  StartNumbered(30, 3);
  EXPECT_EQ(calls, 1);
  StartNumbered(10, 4);
  EXPECT_EQ(calls, 2);
}

TEST_F(TimerServiceTest, FireMayUseTheServiceAndItsTimersWaitForTheNextCall) {
  int rounds = 0;
  std::function<void()> again = [&] {
    ++rounds;
    timers_.Start(0, again);
  };
  timers_.Start(0, again);
  StartNumbered(5, 1);
  EXPECT_EQ(timers_.AdvanceTo(10), 2u);
  EXPECT_EQ(rounds, 1);
  EXPECT_THAT(fired_, ElementsAre(1));
  EXPECT_EQ(timers_.AdvanceTo(10), 1u);
  EXPECT_EQ(rounds, 2);
}

TEST_F(TimerServiceTest, FireMayCancelATimerThatIsDueToo) {
  TimerId second = 0;
  bool cancelled = false;
  timers_.Start(1, [&] { cancelled = timers_.Cancel(second); });
  second = StartNumbered(1, 2);
  EXPECT_EQ(timers_.AdvanceTo(1), 1u);
  EXPECT_TRUE(cancelled);
  EXPECT_THAT(fired_, ElementsAre());
}

TEST_F(TimerServiceTest, CancelReleasesWhatTheTimerCaptured) {
  auto held = std::make_shared<int>(0);
  const TimerId id = timers_.Start(1, [held] {});
  EXPECT_EQ(held.use_count(), 2);
  timers_.Cancel(id);
  EXPECT_EQ(held.use_count(), 1);
}

TEST_F(TimerServiceTest, EachTimerEitherFiresOrIsCancelledWhateverTheRace) {
  constexpr int kTimers = 500;
  std::atomic<int> fired{0};
  int cancelled = 0;
  std::vector<TimerId> ids;
  for (int i = 0; i < kTimers; ++i) ids.push_back(timers_.Start(i, [&] { ++fired; }));
  std::thread canceller([&] {
    for (auto id = ids.rbegin(); id != ids.rend(); ++id) cancelled += timers_.Cancel(*id) ? 1 : 0;
  });
  for (int now = 0; now < kTimers; ++now) timers_.AdvanceTo(now);
  canceller.join();
  EXPECT_EQ(fired + cancelled, kTimers);
  EXPECT_EQ(timers_.NextDeadline(), std::nullopt);
}

}  // namespace
}  // namespace portlab
