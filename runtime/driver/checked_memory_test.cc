#include "driver/checked_memory.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <set>
#include <vector>

namespace portlab {
namespace {

char* Allocated(std::size_t size) { return static_cast<char*>(CheckedMemory::Allocate(size)); }

TEST(CheckedMemoryTest, BlocksAreAlignedAsMallocsAndApart) {
  std::vector<char*> blocks;
  for (std::size_t size = 0; size < 2000; ++size) {
    blocks.push_back(Allocated(size));
    ASSERT_NE(blocks.back(), nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(blocks.back()) % alignof(std::max_align_t), 0u);
    std::memset(blocks.back(), static_cast<int>(size), size);
  }
  for (std::size_t size = 0; size < 2000; ++size) {
    for (std::size_t i = 0; i < size; ++i) {
      ASSERT_EQ(blocks[size][i], static_cast<char>(size)) << "of the block of " << size;
    }
    CheckedMemory::Free(blocks[size]);
  }
}

TEST(CheckedMemoryTest, FreshBlocksAllLookTheSame) {
  char* block = Allocated(24);
  std::memset(block, 1, 24);
  CheckedMemory::Free(block);
  // Until that place comes round again.
  for (int i = 0; i < 5'000; ++i) {
    char* again = Allocated(24);
    for (int b = 0; b < 24; ++b) ASSERT_EQ(again[b], static_cast<char>(0xbe));
    std::memset(again, 1, 24);
    CheckedMemory::Free(again);
  }
}

TEST(CheckedMemoryTest, FreedBlockRestsButNotForEver) {
  std::set<char*> places;
  for (int i = 0; i < 1'000; ++i) {
    char* block = Allocated(40);
    EXPECT_TRUE(places.insert(block).second) << "used again after " << i << " others";
    CheckedMemory::Free(block);
  }
  for (int i = 0; i < 100'000; ++i) {
    char* block = Allocated(40);
    places.insert(block);
    CheckedMemory::Free(block);
  }
  EXPECT_LT(places.size(), 10'000u);
}

TEST(CheckedMemoryTest, ReallocatedBlockKeepsWhatFits) {
  char* block = Allocated(10);
  std::memcpy(block, "0123456789", 10);
  for (const std::size_t size : {100u, 1'000u, 100'000u, 2'000u, 50u, 10u}) {
    block = static_cast<char*>(CheckedMemory::Reallocate(block, size));
    EXPECT_EQ(std::memcmp(block, "0123456789", 10), 0) << size;
  }
  block = static_cast<char*>(CheckedMemory::Reallocate(block, 3));
  EXPECT_EQ(std::memcmp(block, "012", 3), 0);
  CheckedMemory::Free(block);
}

TEST(CheckedMemoryTest, SaysWhereAnAddressLies) {
  char* block = Allocated(20);
  EXPECT_EQ(CheckedMemory::Describe(block + 22),
            "2 bytes behind the 20 bytes that driver_alloc gave");
  EXPECT_EQ(CheckedMemory::Describe(block + 19), "in the 20 bytes that driver_alloc gave");
  EXPECT_EQ(CheckedMemory::Describe(block - 1),
            "1 bytes before the 20 bytes that driver_alloc gave");
  CheckedMemory::Free(block);
  EXPECT_EQ(CheckedMemory::Describe(block),
            "in the 20 bytes that driver_alloc gave, and that were freed");
  int elsewhere = 0;
  EXPECT_EQ(CheckedMemory::Describe(&elsewhere), "");
}

TEST(CheckedMemoryTest, TooMuchIsNull) { EXPECT_EQ(CheckedMemory::Allocate(SIZE_MAX), nullptr); }

}  // namespace
}  // namespace portlab
