#include <erl_driver.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/black_box.h"

namespace portlab {
namespace {

char name[] = "a key";

ErlDrvTSDKey NewKey() {
  ErlDrvTSDKey key = -1;
  EXPECT_EQ(erl_drv_tsd_key_create(name, &key), 0);
  return key;
}

TEST(DriverTsdTest, LowestFreeKeyIsTakenFirst) {
  const ErlDrvTSDKey first = NewKey();
  const ErlDrvTSDKey second = NewKey();
  const ErlDrvTSDKey third = NewKey();
  EXPECT_EQ(second, first + 1);
  EXPECT_EQ(third, first + 2);
  erl_drv_tsd_key_destroy(second);
  erl_drv_tsd_key_destroy(first);
  EXPECT_EQ(NewKey(), first);
  EXPECT_EQ(NewKey(), second);
  erl_drv_tsd_key_destroy(first);
  erl_drv_tsd_key_destroy(second);
  erl_drv_tsd_key_destroy(third);
}

TEST(DriverTsdTest, EveryThreadHasItsOwnData) {
  const ErlDrvTSDKey key = NewKey();
  int here = 0;
  int there = 0;
  EXPECT_EQ(erl_drv_tsd_get(key), nullptr);
  erl_drv_tsd_set(key, &here);
  void* seen_before = &here;
  void* seen_after = nullptr;
  std::thread([&] {
    seen_before = erl_drv_tsd_get(key);
    erl_drv_tsd_set(key, &there);
    seen_after = erl_drv_tsd_get(key);
  }).join();
  EXPECT_EQ(seen_before, nullptr);
  EXPECT_EQ(seen_after, &there);
  EXPECT_EQ(erl_drv_tsd_get(key), &here);
  erl_drv_tsd_set(key, nullptr);
  erl_drv_tsd_key_destroy(key);
}

TEST(DriverTsdTest, DataOfADestroyedKeyStaysAsOnOtp) {
  const ErlDrvTSDKey key = NewKey();
  int data = 0;
  erl_drv_tsd_set(key, &data);
  erl_drv_tsd_key_destroy(key);
  ASSERT_EQ(NewKey(), key);
  EXPECT_EQ(erl_drv_tsd_get(key), &data);
  erl_drv_tsd_set(key, nullptr);
  erl_drv_tsd_key_destroy(key);
}

TEST(DriverTsdDeathTest, UnknownKeysStopTheHost) {
  const auto stopped = testing::ExitedWithCode(kExitContract);
  const ErlDrvTSDKey key = NewKey();
  erl_drv_tsd_key_destroy(key);
  EXPECT_EXIT(erl_drv_tsd_set(key, nullptr), stopped, "erl_drv_tsd_set: .*no such key");
  EXPECT_EXIT(erl_drv_tsd_get(key), stopped, "erl_drv_tsd_get: .*no such key");
  EXPECT_EXIT(erl_drv_tsd_get(-1), stopped, "erl_drv_tsd_get: .*no such key");
  EXPECT_EXIT(erl_drv_tsd_key_destroy(key), stopped, "erl_drv_tsd_key_destroy: .*no such key");
  EXPECT_EXIT(erl_drv_tsd_key_create(name, nullptr), stopped, "erl_drv_tsd_key_create: .*NULL");
}

}  // namespace
}  // namespace portlab
