#include <erl_driver.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/black_box.h"
#include "base/order.h"
#include "base/ordered_thread.h"

namespace portlab {
namespace {

char name[] = "a condition";

class DriverConditionTest : public testing::Test {
 protected:
  DriverConditionTest()
      : mutex_(erl_drv_mutex_create(name)), condition_(erl_drv_cond_create(name)) {}
  ~DriverConditionTest() override {
    erl_drv_cond_destroy(condition_);
    erl_drv_mutex_destroy(mutex_);
  }

  // One thread hands numbers to another through a place for one.
  std::vector<int> HandOver(int count) {
    int place = 0;
    std::vector<int> received;
    OrderedThread consumer("consumer", [&] {
      for (int i = 0; i < count; ++i) {
        erl_drv_mutex_lock(mutex_);
        while (place == 0) erl_drv_cond_wait(condition_, mutex_);
        received.push_back(place);
        place = 0;
        erl_drv_cond_signal(condition_);
        erl_drv_mutex_unlock(mutex_);
      }
    });
    for (int i = 1; i <= count; ++i) {
      erl_drv_mutex_lock(mutex_);
      while (place != 0) erl_drv_cond_wait(condition_, mutex_);
      place = i;
      erl_drv_cond_signal(condition_);
      erl_drv_mutex_unlock(mutex_);
    }
    consumer.Join();
    return received;
  }

  ErlDrvMutex* mutex_;
  ErlDrvCond* condition_;
};

TEST_F(DriverConditionTest, HasItsName) {
  EXPECT_STREQ(erl_drv_cond_name(condition_), "a condition");
  EXPECT_EQ(erl_drv_cond_name(nullptr), nullptr);
  ErlDrvCond* nameless = erl_drv_cond_create(nullptr);
  EXPECT_STREQ(erl_drv_cond_name(nameless), "unknown");
  erl_drv_cond_destroy(nameless);
}

TEST_F(DriverConditionTest, NoSignalIsLost) {
  const std::vector<int> received = HandOver(500);
  ASSERT_EQ(received.size(), 500u);
  for (int i = 0; i < 500; ++i) EXPECT_EQ(received[static_cast<std::size_t>(i)], i + 1);
}

TEST_F(DriverConditionTest, NoSignalIsLostWithTheBaton) {
  Order::InstallBaton(3);
  {
    const JoinedThread joined("test");
    const std::vector<int> received = HandOver(50);
    ASSERT_EQ(received.size(), 50u);
    EXPECT_EQ(received.back(), 50);
  }
  Order::Uninstall();
}

TEST_F(DriverConditionTest, BroadcastWakesAll) {
  bool go = false;
  int waiting = 0;
  int woken = 0;
  auto body = [&] {
    erl_drv_mutex_lock(mutex_);
    ++waiting;
    while (!go) erl_drv_cond_wait(condition_, mutex_);
    ++woken;
    erl_drv_mutex_unlock(mutex_);
  };
  std::vector<OrderedThread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back("waiter", body);
  for (bool all = false; !all;) {
    erl_drv_mutex_lock(mutex_);
    all = waiting == 4;
    if (all) {
      go = true;
      erl_drv_cond_broadcast(condition_);
    }
    erl_drv_mutex_unlock(mutex_);
  }
  for (OrderedThread& thread : threads) thread.Join();
  EXPECT_EQ(woken, 4);
}

TEST(DriverConditionDeathTest, NullStopsTheHost) {
  const auto stopped = testing::ExitedWithCode(kExitContract);
  EXPECT_EXIT(erl_drv_cond_destroy(nullptr), stopped, "erl_drv_cond_destroy: .*NULL");
  EXPECT_EXIT(erl_drv_cond_signal(nullptr), stopped, "erl_drv_cond_signal: .*NULL");
  EXPECT_EXIT(erl_drv_cond_broadcast(nullptr), stopped, "erl_drv_cond_broadcast: .*NULL");
  EXPECT_EXIT(erl_drv_cond_wait(nullptr, nullptr), stopped, "erl_drv_cond_wait: .*NULL");
}

TEST_F(DriverConditionTest, WaitingWithoutTheMutexStopsAStrictHost) {
  EXPECT_EXIT(erl_drv_cond_wait(condition_, mutex_), testing::ExitedWithCode(kExitContract),
              "erl_drv_cond_wait: .*does not hold");
}

}  // namespace
}  // namespace portlab
