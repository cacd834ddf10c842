#include "driver/guarded_region.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace portlab {
namespace {

constexpr auto kBy = CallbackKind::kStart;

TEST(GuardedRegionTest, BlocksEndWhereTheirPagesEndAndAreAligned) {
  GuardedRegion region({.reserve = 1 << 20, .live_slots = 100});
  for (const std::size_t size : {1u, 8u, 15u, 16u, 4095u, 4096u, 4097u, 20'000u}) {
    char* block = region.Take(size, 16, kBy);
    ASSERT_NE(block, nullptr) << size;
    const auto at = reinterpret_cast<std::uintptr_t>(block);
    EXPECT_EQ(at % 16, 0u) << size;
    EXPECT_LT(4096 - (at + size - 1) % 4096, 17u) << size;
    EXPECT_EQ(region.BlockOf(*region.Find(block)), block) << size;
    EXPECT_EQ(region.Find(block + size), region.Find(block)) << "the guard page behind is its own";
    for (std::size_t i = 0; i < size; ++i) ASSERT_EQ(block[i], 0) << size;
  }
}

TEST(GuardedRegionTest, UnknownAddressesHaveNoSlot) {
  GuardedRegion region({.reserve = 1 << 20, .live_slots = 100});
  char* block = region.Take(1, 16, kBy);
  EXPECT_EQ(region.Find(nullptr), nullptr);
  EXPECT_EQ(region.Find(&region), nullptr);
  EXPECT_EQ(region.Find(block + 8192), nullptr) << "not given out yet";
}

TEST(GuardedRegionTest, LiveBlocksAreBounded) {
  GuardedRegion region({.reserve = 1 << 20, .live_slots = 2});
  char* first = region.Take(1, 16, kBy);
  EXPECT_NE(region.Take(1, 16, kBy), nullptr);
  EXPECT_EQ(region.Take(1, 16, kBy), nullptr);
  region.Retire(*region.Find(first), kBy);
  EXPECT_NE(region.Take(1, 16, kBy), nullptr);
}

TEST(GuardedRegionTest, AddressesEnd) {
  GuardedRegion region({.reserve = 64 << 10, .live_slots = 100});
  EXPECT_EQ(region.Take(1 << 20, 16, kBy), nullptr);
  int taken = 0;
  while (region.Take(1, 16, kBy) != nullptr) ++taken;
  EXPECT_EQ(taken, 5) << "16 pages are 5 slots of 3";
}

TEST(GuardedRegionTest, QuarantineIsBoundedAndItsOldestIsUsedAgain) {
  GuardedRegion region({.reserve = std::size_t{1} << 30, .live_slots = 100});
  char* oldest = region.Take(1, 16, kBy);
  region.Retire(*region.Find(oldest), kBy);
  for (std::size_t i = 0; i < GuardedRegion::kQuarantineSlots; ++i) {
    EXPECT_EQ(region.quarantined_slots(), i + 1);
    char* block = region.Take(1, 16, kBy);
    ASSERT_NE(block, oldest);
    region.Retire(*region.Find(block), kBy);
  }
  EXPECT_EQ(region.quarantined_slots(), GuardedRegion::kQuarantineSlots);
  EXPECT_EQ(region.Take(1, 16, kBy), oldest);
  EXPECT_EQ(region.live_slots(), 1u);
}

TEST(GuardedRegionTest, DamageIsFoundOnBothSides) {
  GuardedRegion region({.reserve = 1 << 20, .live_slots = 100});
  std::size_t distance = 0;
  char* block = region.Take(100, 16, kBy);
  GuardedSlot& slot = *region.Find(block);
  EXPECT_EQ(region.Damaged(slot, distance), GuardedRegion::Damage::kNone);
  block[0] = block[99] = 'x';
  EXPECT_EQ(region.Damaged(slot, distance), GuardedRegion::Damage::kNone);
  block[-16] = 'x';
  EXPECT_EQ(region.Damaged(slot, distance), GuardedRegion::Damage::kBefore);
  EXPECT_EQ(distance, 16u);
  block[102] = 'x';
  EXPECT_EQ(region.Damaged(slot, distance), GuardedRegion::Damage::kBehind);
  EXPECT_EQ(distance, 3u);
}

TEST(GuardedRegionTest, SystemBoundsLeaveMappingsToOthers) {
  const auto bounds = GuardedRegion::SystemBounds();
  EXPECT_GT(bounds.reserve, 0u);
  EXPECT_LT(bounds.live_slots, std::size_t{1} << 31);
}

}  // namespace
}  // namespace portlab
