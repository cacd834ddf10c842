#include "driver/guarded_region.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <fstream>

namespace portlab {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kSlotsMax = std::size_t{1} << 20;
constexpr unsigned char kPattern = 0xa7;
// In front of a block so much is looked at, and no more: a page would cost more than the rest.
constexpr std::size_t kMarginMax = 128;
// Mappings that are left to everything else in the process.
constexpr std::size_t kMappingsOfOthers = 8000;

std::size_t RoundUp(std::size_t value, std::size_t unit) {
  return (value + unit - 1) / unit * unit;
}

void* Map(std::size_t bytes, int protection) {
  void* at = ::mmap(nullptr, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return at == MAP_FAILED ? nullptr : at;
}

// An array of zeros that takes memory only where it is used.
template <class Item>
Item* MapArray(std::size_t items) {
  return static_cast<Item*>(Map(items * sizeof(Item), PROT_READ | PROT_WRITE));
}

bool Holds(const char* from, const char* to) {
  return std::all_of(from, to, [](char c) { return static_cast<unsigned char>(c) == kPattern; });
}

}  // namespace

GuardedRegion::Bounds GuardedRegion::SystemBounds() {
  std::size_t mappings = 65530;
  std::ifstream("/proc/sys/vm/max_map_count") >> mappings;
  Bounds bounds;
  bounds.live_slots = mappings < kMappingsOfOthers ? 0 : (mappings - kMappingsOfOthers) / 2;
  return bounds;
}

GuardedRegion::GuardedRegion(const Bounds& bounds) : live_max_(bounds.live_slots) {
  // A limit on addresses may leave less.
  void* range = nullptr;
  std::size_t bytes = RoundUp(bounds.reserve, kPage);
  for (; range == nullptr && bytes >= 16 * kPage; bytes /= 4) {
    range = Map(bytes, PROT_NONE);
    if (range != nullptr) break;
  }
  if (range == nullptr) return;
  slots_ = MapArray<GuardedSlot>(kSlotsMax);
  owners_ = MapArray<std::atomic<std::uint32_t>>(bytes / kPage);
  if (slots_ == nullptr || owners_ == nullptr) return;
  base_ = reinterpret_cast<std::uintptr_t>(range);
  bytes_ = bytes;
}

char* GuardedRegion::DataOf(const GuardedSlot& slot) const {
  return reinterpret_cast<char*>(base_) + (slot.first_page + std::size_t{1}) * kPage;
}

char* GuardedRegion::BlockOf(const GuardedSlot& slot) const {
  const std::size_t size = std::max<std::uint64_t>(1, slot.size.load(std::memory_order_relaxed));
  return DataOf(slot) + slot.data_pages * kPage -
         RoundUp(size, slot.alignment.load(std::memory_order_relaxed));
}

GuardedSlot* GuardedRegion::Find(const void* address) const {
  if (!Contains(address)) return nullptr;
  const std::size_t page = (reinterpret_cast<std::uintptr_t>(address) - base_) / kPage;
  const std::uint32_t number = owners_[page].load(std::memory_order_acquire);
  return number == 0 ? nullptr : &slots_[number];
}

// One that was used before, or a new one. Null: no room.
GuardedSlot* GuardedRegion::SlotOf(std::size_t data_pages) {
  if (const auto found = unused_.find(data_pages);
      found != unused_.end() && !found->second.empty()) {
    GuardedSlot& slot = slots_[found->second.back()];
    found->second.pop_back();
    return &slot;
  }
  const std::size_t pages = data_pages + 2;
  if (slot_count_ == kSlotsMax || next_page_ + pages > bytes_ / kPage) return nullptr;
  const auto number = static_cast<std::uint32_t>(slot_count_++);
  GuardedSlot& slot = slots_[number];
  slot.first_page = static_cast<std::uint32_t>(next_page_);
  slot.data_pages = static_cast<std::uint32_t>(data_pages);
  next_page_ += pages;
  for (std::size_t page = 0; page < pages; ++page) {
    owners_[slot.first_page + page].store(number, std::memory_order_release);
  }
  return &slot;
}

bool GuardedRegion::MakeAccessible(const GuardedSlot& slot) {
  return ::mprotect(DataOf(slot), slot.data_pages * kPage, PROT_READ | PROT_WRITE) == 0;
}

void GuardedRegion::MakeInaccessible(const GuardedSlot& slot) {
  // A new mapping in the place of the old one gives the memory back as well.
  void* at = ::mmap(DataOf(slot), slot.data_pages * kPage, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  if (at == MAP_FAILED) ::mprotect(DataOf(slot), slot.data_pages * kPage, PROT_NONE);
}

char* GuardedRegion::Take(std::size_t size, std::size_t alignment, CallbackKind by) {
  if (size > bytes_ || live_slots_ >= live_max_) return nullptr;
  const std::size_t data_pages = RoundUp(std::max<std::size_t>(size, 1), kPage) / kPage;
  GuardedSlot* slot = SlotOf(data_pages);
  if (slot == nullptr) return nullptr;
  if (!MakeAccessible(*slot)) {
    unused_[data_pages].push_back(static_cast<std::uint32_t>(slot - slots_));
    return nullptr;
  }
  slot->size.store(size, std::memory_order_relaxed);
  slot->alignment.store(static_cast<std::uint32_t>(alignment), std::memory_order_relaxed);
  slot->allocated_in.store(by, std::memory_order_relaxed);
  slot->state.store(GuardedSlot::kLive, std::memory_order_release);
  ++live_slots_;
  char* const data = DataOf(*slot);
  char* const block = BlockOf(*slot);
  const std::size_t margin = std::min<std::size_t>(static_cast<std::size_t>(block - data),  //
                                                   kMarginMax);
  std::memset(block - margin, kPattern, margin);
  std::memset(block + size, kPattern,
              static_cast<std::size_t>(data + data_pages * kPage - (block + size)));
  return block;
}

GuardedRegion::Damage GuardedRegion::Damaged(const GuardedSlot& slot, std::size_t& distance) const {
  const char* const data = DataOf(slot);
  const char* const block = BlockOf(slot);
  const char* const behind = block + slot.size.load(std::memory_order_relaxed);
  const char* const data_end = data + slot.data_pages * kPage;
  const char* const margin =
      block - std::min<std::size_t>(static_cast<std::size_t>(block - data), kMarginMax);
  const auto is_other = [](char c) { return static_cast<unsigned char>(c) != kPattern; };
  if (!Holds(behind, data_end)) {
    distance = static_cast<std::size_t>(std::find_if(behind, data_end, is_other) - behind) + 1;
    return Damage::kBehind;
  }
  if (!Holds(margin, block)) {
    const char* nearest = block;
    while (!is_other(nearest[-1])) --nearest;
    distance = static_cast<std::size_t>(block - nearest) + 1;
    return Damage::kBefore;
  }
  return Damage::kNone;
}

void GuardedRegion::Retire(GuardedSlot& slot, CallbackKind by) {
  slot.freed_in.store(by, std::memory_order_relaxed);
  slot.state.store(GuardedSlot::kFreed, std::memory_order_release);
  MakeInaccessible(slot);
  --live_slots_;
  quarantine_.push_back(static_cast<std::uint32_t>(&slot - slots_));
  quarantine_bytes_ += slot.data_pages * kPage;
  while (quarantine_.size() > kQuarantineSlots || quarantine_bytes_ > kQuarantineBytes) {
    const std::uint32_t oldest = quarantine_.front();
    quarantine_.pop_front();
    quarantine_bytes_ -= slots_[oldest].data_pages * kPage;
    unused_[slots_[oldest].data_pages].push_back(oldest);
  }
}

}  // namespace portlab
