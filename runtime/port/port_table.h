// The table of ports: from a port number to the port, with a limit on how many there are.
//
// What it promises, N threads calling at once. "Quiet" is: no call in flight.
//   P1   Never more than `limit` ports at once; count() never above it.
//   P2   Quiet: count() is the number of ports, and ports + free numbers are all the numbers of the
//   ring. Every path that
//        fails after the place was reserved (no memory, an init that throws) gives place and number
//        back.
//   P3   Acquire is refused only if ports and reserved places reached the limit at some instant of
//   that call (with
//        LimitCounterKind::kReserve; kOtp can refuse although there is room).
//   P4   A slot is empty when it is handed out: no two ports share an element.
//   P5   A number is not given out again before its slot's serial wraps (2^28 / ring size
//   generations), so until then a
//        stale id finds nothing.
//   P6   Of N concurrent Releases of an id exactly one returns true.
//   P7   A thread that runs alone finishes its call in a bounded number of steps, whatever the
//   others were doing when they
//        stopped: places are reserved before a number is popped, and a number is pushed before its
//        place is given back.
//   P8   A port is found once its init has finished, never before.
//   P9   List() holds every port that lived throughout the call and none that was dead throughout.
//   If no port comes or
//        goes during two successive passes it is the set at one instant; it makes up to kListPasses
//        to get there.
//   P10  Elements are type-stable: made with their chunk, destroyed with the table, in between only
//   reused. A pointer from
//        Find stays valid as long as the table, whoever releases the port.
//   P11  All that was done to an element before its Release happens before the init of its next
//   port.
//
// What follows from P10 for the user of T: Find's result may be released and reused at any time, so
// T needs a lock of its own; take it, then compare T's own record of its id. init, too, takes that
// lock to change what the lock guards.
//
// Threads: any, all functions. No locks; the counter, the ring and the slots are parts on cache
// lines of their own, so that per-thread caches of places and numbers can go in front of them.
// Ownership: owns the elements. Errors: Acquire fails with system_limit, or enomem. Source:
// otp_ports.md 4; concurrency.md 1, I1 … I12.
#pragma once

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/ids.h"
#include "port/atomics_policy.h"
#include "port/limit_counter.h"
#include "port/slot_ring.h"
#include "portlab/error.h"

namespace portlab {

template <class T, class Policy = HostAtomics, class Counter = LimitCounter<Policy>>
class PortTable {
 public:
  static constexpr std::uint32_t kSlotsPerChunk = 256;
  static constexpr int kListPasses = 16;

  // REQUIRES: 1 <= limit <= kPortLimitMax. Further arguments go to the counter: a LimitCounterKind.
  template <class... CounterArguments>
  explicit PortTable(std::uint32_t limit, CounterArguments... counter_arguments)
      : limit_(CheckedLimit(limit)),
        ring_(PortRingSize(limit)),
        chunk_count_((ring_.size() + kSlotsPerChunk - 1) / kSlotsPerChunk),
        chunks_(std::make_unique<ChunkPointer[]>(chunk_count_)),
        counter_(limit, counter_arguments...) {
    for (std::uint32_t i = 0; i < chunk_count_; ++i) {
      chunks_[i].store(nullptr, std::memory_order_relaxed);
    }
  }
  PortTable(const PortTable&) = delete;
  PortTable& operator=(const PortTable&) = delete;
  ~PortTable() {
    for (std::uint32_t i = 0; i < chunk_count_; ++i) {
      delete chunks_[i].load(std::memory_order_relaxed);
    }
  }

  // Opens a port: `init(T&, PortId)` prepares its element, then the id resolves. Fails with
  // system_limit, or with enomem if there is no memory for the element or init throws bad_alloc;
  // whatever else init throws passes through.
  template <class Init>
  Result<PortId> Acquire(Init&& init) {
    if (!counter_.Reserve()) return Fail(Error::SystemLimit());
    const std::uint32_t number = ring_.Pop();
    try {
      Slot& slot = EnsureSlot(number);
      const PortId id{number};
      std::forward<Init>(init)(slot.element, id);
      slot.state.store(number, std::memory_order_release);
      return id;
    } catch (const std::bad_alloc&) {
      GiveBackUnseen(number);
      return Fail(Error::Errno(ENOMEM));
    } catch (...) {
      GiveBackUnseen(number);
      throw;
    }
  }

  // Null: no such port (any more). See P10 for what may be done with the result.
  T* Find(PortId id) const {
    Slot* slot = SlotHolding(id);
    return slot != nullptr ? &slot->element : nullptr;
  }

  // Ends the port: its id resolves no more, its place and the successor of its number are free.
  // False: no such port.
  bool Release(PortId id) {
    Slot* slot = SlotHolding(id);
    if (slot == nullptr) return false;
    const auto number = static_cast<std::uint32_t>(id.number);
    std::uint32_t expected = number;
    if (!slot->state.compare_exchange_strong(expected, number | kDead, std::memory_order_acq_rel,
                                             std::memory_order_relaxed)) {
      return false;
    }
    ring_.Push(NextPortNumber(number, ring_.size()));
    counter_.GiveBack();
    return true;
  }

  std::uint32_t count() const { return std::min(counter_.count(), limit_); }
  std::uint32_t limit() const { return limit_; }
  // Where OTP's table keeps this port: orders List.
  std::uint32_t SlotOf(PortId id) const {
    return PortSlot(static_cast<std::uint32_t>(id.number & kPortNumberMask), ring_.size());
  }

  // Every port there is at some moment of the call. Allocates nothing.
  template <class See>
  void ForEach(See&& see) const {
    for (std::uint32_t i = 0; i < chunk_count_; ++i) {
      Chunk* chunk = chunks_[i].load(std::memory_order_acquire);
      if (chunk == nullptr) continue;
      for (Slot& slot : chunk->slots) {
        const std::uint32_t state = slot.state.load(std::memory_order_acquire);
        if ((state & kDead) == 0) see(slot.element, PortId{state});
      }
    }
  }

  // In ascending order of slots.
  std::vector<PortId> List() const {
    std::vector<std::uint32_t> states = CollectStates();
    for (int pass = 1; pass < kListPasses; ++pass) {
      // A state never returns to what it was, so two equal passes mean that nothing changed between
      // them.
      std::vector<std::uint32_t> again = CollectStates();
      const bool same = again == states;
      states.swap(again);
      if (same) break;
    }
    std::erase_if(states, [](std::uint32_t state) { return (state & kDead) != 0; });
    std::sort(states.begin(), states.end(), [this](std::uint32_t a, std::uint32_t b) {
      return PortSlot(a, ring_.size()) < PortSlot(b, ring_.size());
    });
    std::vector<PortId> ids;
    ids.reserve(states.size());
    for (const std::uint32_t number : states) ids.push_back(PortId{number});
    return ids;
  }

 private:
  // With a port: its number. Without: kDead and the last port's number, or kNever.
  static constexpr std::uint32_t kDead = 1u << 31;
  static constexpr std::uint32_t kNever = ~std::uint32_t{0};
  static constexpr std::uint32_t kPrefetchSlots = 4;

  struct alignas(kCacheLineBytes) Slot {
    typename Policy::template atomic<std::uint32_t> state{kNever};
    T element{};
  };
  struct Chunk {
    Slot slots[kSlotsPerChunk];
  };
  using ChunkPointer = typename Policy::template atomic<Chunk*>;

  static std::uint32_t CheckedLimit(std::uint32_t limit) {
    PORTLAB_CHECK(limit >= 1 && limit <= kPortLimitMax, "port limit out of range");
    return limit;
  }

  // In memory the slots lie in the order of numbers, so that a table with few ports needs few
  // chunks.
  Slot* SlotHolding(PortId id) const {
    if (id.number > kPortNumberMask) return nullptr;
    const auto number = static_cast<std::uint32_t>(id.number);
    const std::uint32_t index = number & (ring_.size() - 1);
    Chunk* chunk = chunks_[index / kSlotsPerChunk].load(std::memory_order_acquire);
    if (chunk == nullptr) return nullptr;
    Slot& slot = chunk->slots[index % kSlotsPerChunk];
    return slot.state.load(std::memory_order_acquire) == number ? &slot : nullptr;
  }

  Slot& EnsureSlot(std::uint32_t number) {
    const std::uint32_t index = number & (ring_.size() - 1);
    ChunkPointer& place = chunks_[index / kSlotsPerChunk];
    Chunk* chunk = place.load(std::memory_order_acquire);
    if (chunk == nullptr) [[unlikely]] {
      auto fresh = std::make_unique<Chunk>();
      if (place.compare_exchange_strong(chunk, fresh.get(), std::memory_order_acq_rel,
                                        std::memory_order_acquire)) {
        chunk = fresh.release();
      }
    }
    // Numbers come first in, first out, so each open takes the slot that has rested longest: it is
    // in no cache.
    __builtin_prefetch(&chunk->slots[(index + kPrefetchSlots) % kSlotsPerChunk], 1);
    return chunk->slots[index % kSlotsPerChunk];
  }

  // For a number that nobody has seen yet: it goes back as it is.
  void GiveBackUnseen(std::uint32_t number) {
    ring_.Push(number);
    counter_.GiveBack();
  }

  std::vector<std::uint32_t> CollectStates() const {
    std::vector<std::uint32_t> states;
    for (std::uint32_t i = 0; i < chunk_count_; ++i) {
      const Chunk* chunk = chunks_[i].load(std::memory_order_acquire);
      if (chunk == nullptr) continue;
      const std::uint32_t used = std::min(kSlotsPerChunk, ring_.size());
      for (std::uint32_t s = 0; s < used; ++s) {
        states.push_back(chunk->slots[s].state.load(std::memory_order_acquire));
      }
    }
    return states;
  }

  const std::uint32_t limit_;
  SlotRing<Policy> ring_;
  const std::uint32_t chunk_count_;
  const std::unique_ptr<ChunkPointer[]> chunks_;
  Counter counter_;
};

}  // namespace portlab
