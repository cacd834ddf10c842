#include <erl_driver.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <utility>

#include "base/black_box.h"
#include "driver_api/system_info.h"

namespace portlab {
namespace {

TEST(DriverMiscTest, NilIsOtpsWord) {
  EXPECT_EQ(driver_term_nil, 0x3bu);
  EXPECT_EQ(driver_mk_term_nil(), driver_term_nil);
}

TEST(DriverMiscTest, NullFuncIsZero) { EXPECT_EQ(null_func(), 0); }

TEST(DriverMiscTest, VecToBufGivesTheBytesCopied) {
  std::string one = "abc";
  std::string two = "defg";
  SysIOVec pieces[] = {{nullptr, 0}, {one.data(), 3}, {two.data(), 4}};
  ErlIOVec vector{3, 7, pieces, nullptr};
  for (const auto& [room, expected] : {std::pair{10u, "abcdefg"}, std::pair{5u, "abcde"},
                                       std::pair{7u, "abcdefg"}, std::pair{0u, ""}}) {
    char buffer[16] = {};
    EXPECT_EQ(driver_vec_to_buf(&vector, buffer, room), std::strlen(expected));
    EXPECT_STREQ(buffer, expected);
  }
}

TEST(DriverMiscTest, MonitorsCompareByTheirUsedBytes) {
  ErlDrvMonitor one{};
  ErlDrvMonitor two{};
  EXPECT_EQ(driver_compare_monitors(&one, &two), 0);
  two.data[24] = 1;
  EXPECT_EQ(driver_compare_monitors(&one, &two), 0);
  two.data[23] = 1;
  EXPECT_LT(driver_compare_monitors(&one, &two), 0);
  EXPECT_GT(driver_compare_monitors(&two, &one), 0);
}

TEST(DriverMiscTest, ErrnoHasItsName) {
  EXPECT_STREQ(erl_errno_id(ENOENT), "enoent");
  EXPECT_STREQ(erl_errno_id(0), "unknown");
  EXPECT_STREQ(erl_errno_id(ECANCELED), "unknown");
}

TEST(DriverSystemInfoTest, FillsAsMuchAsTheSizeCovers) {
  SystemInfo set;
  set.async_threads = 3;
  set.scheduler_threads = 4;
  SetSystemInfo(set);
  const auto fill = [](std::size_t size) {
    ErlDrvSysInfo info;
    std::memset(&info, 0x5a, sizeof(info));
    driver_system_info(&info, size);
    return info;
  };
  const ErlDrvSysInfo full = fill(sizeof(ErlDrvSysInfo));
  EXPECT_EQ(full.driver_major_version, 3);
  EXPECT_EQ(full.driver_minor_version, 3);
  EXPECT_STREQ(full.erts_version, "13.1.5");
  EXPECT_STREQ(full.otp_release, "25");
  EXPECT_EQ(full.thread_support, 1);
  EXPECT_EQ(full.smp_support, 1);
  EXPECT_EQ(full.async_threads, 3);
  EXPECT_EQ(full.scheduler_threads, 4);
  EXPECT_EQ(full.nif_major_version, 2);
  EXPECT_EQ(full.nif_minor_version, 16);
  EXPECT_EQ(full.dirty_scheduler_support, 1);
  const ErlDrvSysInfo oldest = fill(offsetof(ErlDrvSysInfo, async_threads));
  EXPECT_EQ(oldest.smp_support, 1);
  EXPECT_EQ(oldest.async_threads, 0x5a5a5a5a);
  const ErlDrvSysInfo older = fill(offsetof(ErlDrvSysInfo, nif_major_version));
  EXPECT_EQ(older.scheduler_threads, 4);
  EXPECT_EQ(older.nif_major_version, 0x5a5a5a5a);
  const ErlDrvSysInfo old = fill(offsetof(ErlDrvSysInfo, dirty_scheduler_support));
  EXPECT_EQ(old.nif_minor_version, 16);
  EXPECT_EQ(old.dirty_scheduler_support, 0x5a5a5a5a);
}

TEST(DriverSystemInfoDeathTest, TooSmallASizeStopsTheHost) {
  const auto stopped = testing::ExitedWithCode(kExitContract);
  ErlDrvSysInfo info{};
  EXPECT_EXIT(driver_system_info(&info, 4), stopped, "driver_system_info: .*too small");
  EXPECT_EXIT(driver_system_info(nullptr, 56), stopped, "driver_system_info: .*NULL");
}

}  // namespace
}  // namespace portlab
