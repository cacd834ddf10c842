#include <erl_driver.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>

#include "driver/driver_memory.h"

namespace portlab {
namespace {

TEST(DriverAllocTest, SizeZeroGivesABlock) {
  void* block = driver_alloc(0);
  EXPECT_NE(block, nullptr);
  block = driver_realloc(block, 0);
  EXPECT_NE(block, nullptr);
  driver_free(block);
}

TEST(DriverAllocTest, LiveBlocksAreCounted) {
  const std::int64_t before = LiveDriverBlocks();
  void* first = driver_alloc(10);
  void* second = driver_realloc(nullptr, 20);
  EXPECT_EQ(LiveDriverBlocks(), before + 2);
  second = driver_realloc(second, 4000);
  EXPECT_EQ(LiveDriverBlocks(), before + 2);
  driver_free(first);
  driver_free(second);
  driver_free(nullptr);
  EXPECT_EQ(LiveDriverBlocks(), before);
}

TEST(DriverAllocTest, ReallocKeepsTheBytes) {
  void* block = driver_alloc(6);
  std::memcpy(block, "hello", 6);
  block = driver_realloc(block, 100'000);
  EXPECT_STREQ(static_cast<char*>(block), "hello");
  driver_free(block);
}

TEST(DriverAllocTest, TheNthAllocationFailsAndNoOther) {
  const std::int64_t before = LiveDriverBlocks();
  void* block = driver_alloc(4);
  std::memcpy(block, "kept", 4);
  FailDriverAllocation(3);
  void* first = driver_alloc(10);
  ErlDrvBinary* second = driver_alloc_binary(10);
  EXPECT_TRUE(first != nullptr && second != nullptr);
  EXPECT_FALSE(AnyDriverAllocationFailed());
  EXPECT_EQ(driver_realloc(block, 1000), nullptr);
  EXPECT_TRUE(AnyDriverAllocationFailed());
  EXPECT_EQ(std::memcmp(block, "kept", 4), 0) << "a block that could not grow must stay";
  void* last = driver_alloc(10);
  EXPECT_NE(last, nullptr);
  for (void* each : {block, first, last}) driver_free(each);
  driver_free_binary(second);
  EXPECT_EQ(LiveDriverBlocks(), before);
}

TEST(DriverAllocTest, BinariesFailAsBlocksDoAndZeroTakesTheOrderBack) {
  ErlDrvBinary* binary = driver_alloc_binary(10);
  FailDriverAllocation(1);
  EXPECT_EQ(driver_alloc_binary(10), nullptr);
  FailDriverAllocation(1);
  EXPECT_EQ(driver_realloc_binary(binary, 20), nullptr);
  FailDriverAllocation(1);
  FailDriverAllocation(0);
  binary = driver_realloc_binary(binary, 20);
  EXPECT_NE(binary, nullptr);
  driver_free_binary(binary);
}

}  // namespace
}  // namespace portlab
