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

}  // namespace
}  // namespace portlab
