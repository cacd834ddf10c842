#include "driver_api/time.h"

#include <erl_driver.h>
#include <gtest/gtest.h>
#include <time.h>

#include <cstdint>
#include <cstring>
#include <tuple>

#include "base/order.h"

namespace portlab {
namespace {

TEST(DriverTimeTest, ConversionRoundsTowardsMinusInfinity) {
  EXPECT_EQ(erl_drv_convert_time_unit(-1500, ERL_DRV_MSEC, ERL_DRV_SEC), -2);
  EXPECT_EQ(erl_drv_convert_time_unit(1500, ERL_DRV_MSEC, ERL_DRV_SEC), 1);
  EXPECT_EQ(erl_drv_convert_time_unit(-2000, ERL_DRV_MSEC, ERL_DRV_SEC), -2);
  EXPECT_EQ(erl_drv_convert_time_unit(-1, ERL_DRV_NSEC, ERL_DRV_USEC), -1);
  EXPECT_EQ(erl_drv_convert_time_unit(999, ERL_DRV_NSEC, ERL_DRV_USEC), 0);
}

TEST(DriverTimeTest, ConversionToFinerUnitsMultiplies) {
  EXPECT_EQ(erl_drv_convert_time_unit(3, ERL_DRV_SEC, ERL_DRV_NSEC), 3'000'000'000);
  EXPECT_EQ(erl_drv_convert_time_unit(-3, ERL_DRV_SEC, ERL_DRV_MSEC), -3000);
  EXPECT_EQ(erl_drv_convert_time_unit(7, ERL_DRV_USEC, ERL_DRV_USEC), 7);
  // Measured on OTP 25.
  EXPECT_EQ(erl_drv_convert_time_unit(INT64_MAX, ERL_DRV_SEC, ERL_DRV_NSEC), -1'000'000'000);
}

TEST(DriverTimeTest, UnknownUnitIsAnError) {
  // A driver is C and may pass any number: what this one makes is not a C++ enumerator.
  const int number = 4;
  ErlDrvTimeUnit unit;
  static_assert(sizeof(unit) == sizeof(number));
  std::memcpy(&unit, &number, sizeof(unit));
  EXPECT_EQ(erl_drv_monotonic_time(unit), ERL_DRV_TIME_ERROR);
  EXPECT_EQ(erl_drv_time_offset(unit), ERL_DRV_TIME_ERROR);
  EXPECT_EQ(erl_drv_convert_time_unit(1, unit, ERL_DRV_SEC), ERL_DRV_TIME_ERROR);
  EXPECT_EQ(erl_drv_convert_time_unit(1, ERL_DRV_SEC, unit), ERL_DRV_TIME_ERROR);
}

TEST(DriverTimeTest, MonotonicTimeIsTheRuntimesClock) {
  const Nanos before = MonotonicNow();
  const ErlDrvTime now = erl_drv_monotonic_time(ERL_DRV_NSEC);
  EXPECT_LE(before, now);
  EXPECT_LE(now, MonotonicNow());
}

TEST(DriverTimeTest, MonotonicTimePlusOffsetIsSystemTime) {
  const ErlDrvTime system = erl_drv_monotonic_time(ERL_DRV_SEC) + erl_drv_time_offset(ERL_DRV_SEC);
  EXPECT_NEAR(static_cast<double>(system), static_cast<double>(::time(nullptr)), 3);
}

TEST(DriverTimeTest, WithTheBatonItIsVirtual) {
  Order::InstallBaton(1);
  const ErlDrvTime first = erl_drv_monotonic_time(ERL_DRV_NSEC);
  EXPECT_EQ(erl_drv_monotonic_time(ERL_DRV_NSEC), first);
  EXPECT_EQ(erl_drv_time_offset(ERL_DRV_SEC), 1'700'000'000);
  Order::Uninstall();
}

TEST(DriverTimeTest, ThreadsOfDriversGetAnError) {
  const auto read = [](void* place) -> void* {
    *static_cast<ErlDrvTime*>(place) = erl_drv_monotonic_time(ERL_DRV_SEC);
    return nullptr;
  };
  ErlDrvTime seen = 0;
  ErlDrvTid tid = nullptr;
  ASSERT_EQ(erl_drv_thread_create(nullptr, &tid, read, &seen, nullptr), 0);
  ASSERT_EQ(erl_drv_thread_join(tid, nullptr), 0);
  EXPECT_EQ(seen, ERL_DRV_TIME_ERROR);
}

TEST(DriverTimeTest, TheRuntimeSaysWhichThreadsAreManaged) {
  SetManagedThreadTest([] { return false; });
  EXPECT_EQ(erl_drv_monotonic_time(ERL_DRV_SEC), ERL_DRV_TIME_ERROR);
  EXPECT_EQ(erl_drv_time_offset(ERL_DRV_SEC), ERL_DRV_TIME_ERROR);
  SetManagedThreadTest(nullptr);
  EXPECT_NE(erl_drv_monotonic_time(ERL_DRV_SEC), ERL_DRV_TIME_ERROR);
}

TEST(DriverTimeTest, NowIsCalendarTimeAndNeverTheSameTwice) {
  ErlDrvNowData first;
  ErlDrvNowData second;
  ASSERT_EQ(driver_get_now(&first), 0);
  ASSERT_EQ(driver_get_now(&second), 0);
  const auto seconds = static_cast<double>(first.megasecs * 1'000'000 + first.secs);
  EXPECT_NEAR(seconds, static_cast<double>(::time(nullptr)), 3);
  EXPECT_LT(first.secs, 1'000'000u);
  EXPECT_LT(first.microsecs, 1'000'000u);
  EXPECT_LT(std::tie(first.megasecs, first.secs, first.microsecs),
            std::tie(second.megasecs, second.secs, second.microsecs));
  EXPECT_EQ(driver_get_now(nullptr), -1);
}

}  // namespace
}  // namespace portlab
