#include <erl_driver.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <thread>

#include "base/black_box.h"
#include "base/order.h"
#include "base/ordered_thread.h"
#include "driver/contract.h"

namespace portlab {
namespace {

char name[] = "a mutex";

int TryLockElsewhere(ErlDrvMutex* mutex) {
  int result = -1;
  std::thread([&] {
    result = erl_drv_mutex_trylock(mutex);
    if (result == 0) erl_drv_mutex_unlock(mutex);
  }).join();
  return result;
}

TEST(DriverMutexTest, NameIsCopied) {
  char original[] = "first";
  ErlDrvMutex* mutex = erl_drv_mutex_create(original);
  original[0] = 'X';
  EXPECT_STREQ(erl_drv_mutex_name(mutex), "first");
  erl_drv_mutex_destroy(mutex);
}

TEST(DriverMutexTest, WithoutANameItIsUnknown) {
  ErlDrvMutex* mutex = erl_drv_mutex_create(nullptr);
  EXPECT_STREQ(erl_drv_mutex_name(mutex), "unknown");
  erl_drv_mutex_destroy(mutex);
  EXPECT_EQ(erl_drv_mutex_name(nullptr), nullptr);
}

TEST(DriverMutexTest, TryLockOfAHeldMutexIsBusy) {
  ErlDrvMutex* mutex = erl_drv_mutex_create(name);
  EXPECT_EQ(erl_drv_mutex_trylock(mutex), 0);
  EXPECT_EQ(erl_drv_mutex_trylock(mutex), EBUSY);
  EXPECT_EQ(TryLockElsewhere(mutex), EBUSY);
  erl_drv_mutex_unlock(mutex);
  EXPECT_EQ(TryLockElsewhere(mutex), 0);
  erl_drv_mutex_destroy(mutex);
}

void CountTogether() {
  constexpr int kRounds = 200;
  ErlDrvMutex* mutex = erl_drv_mutex_create(name);
  int inside = 0;
  int total = 0;
  bool alone = true;
  auto body = [&] {
    for (int i = 0; i < kRounds; ++i) {
      erl_drv_mutex_lock(mutex);
      alone = alone && ++inside == 1;
      Order::Point();
      ++total;
      --inside;
      erl_drv_mutex_unlock(mutex);
    }
  };
  {
    OrderedThread first("first", body);
    OrderedThread second("second", body);
    OrderedThread third("third", body);
  }
  EXPECT_TRUE(alone);
  EXPECT_EQ(total, 3 * kRounds);
  erl_drv_mutex_destroy(mutex);
}

TEST(DriverMutexTest, OnlyOneThreadAtATimeIsInside) { CountTogether(); }

TEST(DriverMutexTest, OnlyOneThreadAtATimeIsInsideWithTheBaton) {
  Order::InstallBaton(7);
  {
    const JoinedThread joined("test");
    CountTogether();
  }
  Order::Uninstall();
}

TEST(DriverMutexTest, WithOtpsContractAnotherThreadMayUnlock) {
  SetContract(Contract::kOtp);
  ErlDrvMutex* mutex = erl_drv_mutex_create(name);
  erl_drv_mutex_lock(mutex);
  std::thread([mutex] { erl_drv_mutex_unlock(mutex); }).join();
  EXPECT_EQ(erl_drv_mutex_trylock(mutex), 0);
  erl_drv_mutex_unlock(mutex);
  erl_drv_mutex_destroy(mutex);
}

TEST(DriverMutexDeathTest, NullStopsTheHost) {
  const auto stopped = testing::ExitedWithCode(kExitContract);
  EXPECT_EXIT(erl_drv_mutex_lock(nullptr), stopped, "erl_drv_mutex_lock: .*NULL");
  EXPECT_EXIT(erl_drv_mutex_trylock(nullptr), stopped, "erl_drv_mutex_trylock: .*NULL");
  EXPECT_EXIT(erl_drv_mutex_unlock(nullptr), stopped, "erl_drv_mutex_unlock: .*NULL");
  EXPECT_EXIT(erl_drv_mutex_destroy(nullptr), stopped, "erl_drv_mutex_destroy: .*NULL");
}

TEST(DriverMutexDeathTest, BreachesStopAStrictHost) {
  const auto stopped = testing::ExitedWithCode(kExitContract);
  ErlDrvMutex* mutex = erl_drv_mutex_create(name);
  EXPECT_EXIT(erl_drv_mutex_unlock(mutex), stopped, "erl_drv_mutex_unlock: .*does not hold");
  erl_drv_mutex_lock(mutex);
  EXPECT_EXIT(erl_drv_mutex_lock(mutex), stopped, "already holds");
  EXPECT_EXIT(erl_drv_mutex_destroy(mutex), stopped, "erl_drv_mutex_destroy: .*locked");
  erl_drv_mutex_unlock(mutex);
  erl_drv_mutex_destroy(mutex);
}

}  // namespace
}  // namespace portlab
