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

char name[] = "a lock";

class DriverRwlockTest : public testing::Test {
 protected:
  DriverRwlockTest() : lock_(erl_drv_rwlock_create(name)) {}
  ~DriverRwlockTest() override { erl_drv_rwlock_destroy(lock_); }

  ErlDrvRWLock* lock_;
};

TEST_F(DriverRwlockTest, HasItsName) {
  EXPECT_STREQ(erl_drv_rwlock_name(lock_), "a lock");
  EXPECT_EQ(erl_drv_rwlock_name(nullptr), nullptr);
  ErlDrvRWLock* nameless = erl_drv_rwlock_create(nullptr);
  EXPECT_STREQ(erl_drv_rwlock_name(nameless), "unknown");
  erl_drv_rwlock_destroy(nameless);
}

TEST_F(DriverRwlockTest, ReadersShareAndKeepWritersOut) {
  erl_drv_rwlock_rlock(lock_);
  EXPECT_EQ(erl_drv_rwlock_tryrlock(lock_), 0);
  EXPECT_EQ(erl_drv_rwlock_tryrwlock(lock_), EBUSY);
  erl_drv_rwlock_runlock(lock_);
  EXPECT_EQ(erl_drv_rwlock_tryrwlock(lock_), EBUSY);
  erl_drv_rwlock_runlock(lock_);
  EXPECT_EQ(erl_drv_rwlock_tryrwlock(lock_), 0);
  erl_drv_rwlock_rwunlock(lock_);
}

TEST_F(DriverRwlockTest, AWriterKeepsAllOthersOut) {
  erl_drv_rwlock_rwlock(lock_);
  EXPECT_EQ(erl_drv_rwlock_tryrlock(lock_), EBUSY);
  EXPECT_EQ(erl_drv_rwlock_tryrwlock(lock_), EBUSY);
  erl_drv_rwlock_rwunlock(lock_);
  EXPECT_EQ(erl_drv_rwlock_tryrlock(lock_), 0);
  erl_drv_rwlock_runlock(lock_);
}

TEST_F(DriverRwlockTest, AWaitingWriterGoesBeforeNewReaders) {
  Order::InstallBaton(11);
  {
    const JoinedThread joined("test");
    bool written = false;
    erl_drv_rwlock_rlock(lock_);
    OrderedThread writer("writer", [&] {
      erl_drv_rwlock_rwlock(lock_);
      written = true;
      erl_drv_rwlock_rwunlock(lock_);
    });
    // Only the writer can run besides, so some turn brings it to its wait.
    for (int i = 0; i < 100; ++i) Order::Point();
    EXPECT_FALSE(written);
    EXPECT_EQ(erl_drv_rwlock_tryrlock(lock_), EBUSY);
    erl_drv_rwlock_runlock(lock_);
    writer.Join();
    EXPECT_TRUE(written);
  }
  Order::Uninstall();
}

TEST_F(DriverRwlockTest, ReadersNeverSeeAHalfWrittenPair) {
  int left = 0;
  int right = 0;
  bool torn = false;
  OrderedThread writer("writer", [&] {
    for (int i = 0; i < 500; ++i) {
      erl_drv_rwlock_rwlock(lock_);
      ++left;
      std::this_thread::yield();
      ++right;
      erl_drv_rwlock_rwunlock(lock_);
    }
  });
  for (int i = 0; i < 500; ++i) {
    erl_drv_rwlock_rlock(lock_);
    torn = torn || left != right;
    erl_drv_rwlock_runlock(lock_);
  }
  writer.Join();
  EXPECT_FALSE(torn);
  EXPECT_EQ(right, 500);
}

TEST_F(DriverRwlockTest, WithOtpsContractUnlockingAFreeLockDoesNothing) {
  SetContract(Contract::kOtp);
  erl_drv_rwlock_runlock(lock_);
  erl_drv_rwlock_rwunlock(lock_);
  EXPECT_EQ(erl_drv_rwlock_tryrwlock(lock_), 0);
  erl_drv_rwlock_rwunlock(lock_);
}

using DriverRwlockDeathTest = DriverRwlockTest;

TEST_F(DriverRwlockDeathTest, BreachesStopAStrictHost) {
  const auto stopped = testing::ExitedWithCode(kExitContract);
  EXPECT_EXIT(erl_drv_rwlock_runlock(lock_), stopped, "erl_drv_rwlock_runlock: nobody");
  EXPECT_EXIT(erl_drv_rwlock_rwunlock(lock_), stopped, "erl_drv_rwlock_rwunlock: .*does not hold");
  erl_drv_rwlock_rlock(lock_);
  EXPECT_EXIT(erl_drv_rwlock_destroy(lock_), stopped, "erl_drv_rwlock_destroy: .*held");
  erl_drv_rwlock_runlock(lock_);
}

TEST_F(DriverRwlockDeathTest, NullStopsTheHost) {
  const auto stopped = testing::ExitedWithCode(kExitContract);
  EXPECT_EXIT(erl_drv_rwlock_destroy(nullptr), stopped, "destroy: .*NULL");
  EXPECT_EXIT(erl_drv_rwlock_tryrlock(nullptr), stopped, "tryrlock: .*NULL");
  EXPECT_EXIT(erl_drv_rwlock_rlock(nullptr), stopped, "rlock: .*NULL");
  EXPECT_EXIT(erl_drv_rwlock_runlock(nullptr), stopped, "runlock: .*NULL");
  EXPECT_EXIT(erl_drv_rwlock_tryrwlock(nullptr), stopped, "tryrwlock: .*NULL");
  EXPECT_EXIT(erl_drv_rwlock_rwlock(nullptr), stopped, "rwlock: .*NULL");
  EXPECT_EXIT(erl_drv_rwlock_rwunlock(nullptr), stopped, "rwunlock: .*NULL");
}

}  // namespace
}  // namespace portlab
