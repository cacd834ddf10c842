// Where guarded blocks lie: one reserved range of addresses, cut into slots of inaccessible pages.
// A slot has a guard page, its data pages, a guard page; only the data pages of a live block can be
// accessed. A block ends where its data pages end, but for less than its alignment.
//
//   | guard | margin ....... block | slack | guard |
//
// Margin and slack hold a pattern that is looked at when the block is freed: a write that stays
// within the page raises no fault. Freed slots stay inaccessible in a quarantine until it is full.
//
// Threads: Take, Retire and Damaged under the caller's lock; Find from anywhere, also from a signal
// handler: it takes no lock and reads atomics only. Ownership: the range is never given back.
// Units: bytes, pages where the name says so. Errors: null when there is no room, no memory, or the
// kernel's bound of mappings (vm.max_map_count, two for a live block) is near. Source: mmap(2);
// isolation.md 5.2.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "base/callback_kind.h"

namespace portlab {

struct GuardedSlot {
  enum State : std::uint8_t { kUnused, kLive, kFreed };

  std::uint32_t first_page = 0;  // the guard page in front
  std::uint32_t data_pages = 0;
  std::atomic<std::uint64_t> size{0};
  std::atomic<std::uint32_t> alignment{1};
  std::atomic<State> state{kUnused};
  std::atomic<CallbackKind> allocated_in{CallbackKind::kNone};
  std::atomic<CallbackKind> freed_in{CallbackKind::kNone};
};

class GuardedRegion {
 public:
  // Freed slots are kept from use up to both of these.
  static constexpr std::size_t kQuarantineSlots = 16 * 1024;
  static constexpr std::size_t kQuarantineBytes = std::size_t{1} << 30;  // of addresses, not memory

  struct Bounds {
    std::size_t reserve = std::size_t{64} << 30;
    std::size_t live_slots = 0;
  };
  // What vm.max_map_count leaves to guarded blocks.
  static Bounds SystemBounds();

  explicit GuardedRegion(const Bounds& bounds);
  GuardedRegion(const GuardedRegion&) = delete;
  GuardedRegion& operator=(const GuardedRegion&) = delete;

  // A live block of `size` bytes, filled with zeros; its slot is FindSlot(block).
  char* Take(std::size_t size, std::size_t alignment, CallbackKind by);
  // Makes a live slot inaccessible. REQUIRES: state kLive.
  void Retire(GuardedSlot& slot, CallbackKind by);

  bool Contains(const void* address) const {
    const auto at = reinterpret_cast<std::uintptr_t>(address);
    return at - base_ < bytes_;
  }
  // The slot whose pages, guards included, hold `address`; null: none ever did.
  GuardedSlot* Find(const void* address) const;
  char* BlockOf(const GuardedSlot& slot) const;

  enum class Damage { kNone, kBefore, kBehind };
  // Whether the pattern around a live block was overwritten; `distance`: how far from the block.
  Damage Damaged(const GuardedSlot& slot, std::size_t& distance) const;

  std::size_t live_slots() const { return live_slots_; }
  std::size_t quarantined_slots() const { return quarantine_.size(); }

 private:
  char* DataOf(const GuardedSlot& slot) const;
  GuardedSlot* SlotOf(std::size_t data_pages);
  bool MakeAccessible(const GuardedSlot& slot);
  void MakeInaccessible(const GuardedSlot& slot);

  std::uintptr_t base_ = 0;
  std::size_t bytes_ = 0;                         // 0: there is no range, every Take fails
  GuardedSlot* slots_ = nullptr;                  // number 0 is never used
  std::atomic<std::uint32_t>* owners_ = nullptr;  // of each page: number of its slot
  std::size_t live_max_;
  std::size_t slot_count_ = 1;
  std::size_t next_page_ = 0;
  std::size_t live_slots_ = 0;
  std::deque<std::uint32_t> quarantine_;
  std::size_t quarantine_bytes_ = 0;
  std::unordered_map<std::size_t, std::vector<std::uint32_t>> unused_;  // by number of data pages
};

}  // namespace portlab
