#include <erl_driver.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>

#include "base/binary_block.h"
#include "base/black_box.h"
#include "driver/contract.h"

namespace portlab {
namespace {

TEST(DriverBinaryTest, NewBinaryHasItsSizeAndCountOne) {
  ErlDrvBinary* binary = driver_alloc_binary(5);
  ASSERT_NE(binary, nullptr);
  EXPECT_EQ(binary->orig_size, 5);
  EXPECT_EQ(driver_binary_get_refc(binary), 1);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(binary->orig_bytes) % 8, 0u);
  driver_free_binary(binary);
}

TEST(DriverBinaryTest, SizeZeroIsABinary) {
  ErlDrvBinary* binary = driver_alloc_binary(0);
  ASSERT_NE(binary, nullptr);
  EXPECT_EQ(binary->orig_size, 0);
  driver_free_binary(binary);
}

TEST(DriverBinaryTest, FreeGivesBackOneReference) {
  const std::int64_t before = BinaryBlock::live();
  ErlDrvBinary* binary = driver_alloc_binary(8);
  EXPECT_EQ(driver_binary_inc_refc(binary), 2);
  driver_free_binary(binary);
  EXPECT_EQ(driver_binary_get_refc(binary), 1);
  EXPECT_EQ(BinaryBlock::live(), before + 1);
  driver_free_binary(binary);
  EXPECT_EQ(BinaryBlock::live(), before);
  driver_free_binary(nullptr);
}

TEST(DriverBinaryTest, DecrementToZeroDoesNotFree) {
  const std::int64_t before = BinaryBlock::live();
  ErlDrvBinary* binary = driver_alloc_binary(8);
  EXPECT_EQ(driver_binary_dec_refc(binary), 0);
  EXPECT_EQ(BinaryBlock::live(), before + 1);
  EXPECT_EQ(driver_binary_inc_refc(binary), 1);
  driver_free_binary(binary);
}

TEST(DriverBinaryTest, ReallocKeepsTheBytes) {
  ErlDrvBinary* binary = driver_realloc_binary(nullptr, 6);
  ASSERT_NE(binary, nullptr);
  std::memcpy(binary->orig_bytes, "hello", 6);
  binary = driver_realloc_binary(binary, 50'000);
  EXPECT_EQ(binary->orig_size, 50'000);
  EXPECT_STREQ(binary->orig_bytes, "hello");
  driver_free_binary(binary);
}

TEST(DriverBinaryTest, ImpossibleSizeGivesNull) {
  EXPECT_EQ(driver_alloc_binary(SIZE_MAX), nullptr);
}

TEST(DriverBinaryDeathTest, ResizingASharedBinaryStopsAStrictHost) {
  ErlDrvBinary* binary = driver_alloc_binary(8);
  driver_binary_inc_refc(binary);
  EXPECT_EXIT(driver_realloc_binary(binary, 16), testing::ExitedWithCode(kExitContract), "shared");
  driver_free_binary(binary);
  driver_free_binary(binary);
}

}  // namespace
}  // namespace portlab
