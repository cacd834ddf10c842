// The numbers free for new ports, first in, first out, and the arithmetic of port numbers.
//
// A port number is 28 bits: its low bits name the slot, the rest counts the slot's generations. A
// freed number comes back as its successor (+ ring size), behind all numbers free at that time.
// What the ring promises:
//   R1  A number is given out again only after its slot's whole serial has wrapped (2^28 / ring
//   size generations). R2  Pop and Push lose and duplicate nothing. R3  First in, first out: the
//   k-th number placed goes to the k-th Pop that finds one. R4  A thread that runs alone ends Pop
//   and Push within as many tries as there are other calls under way, plus one. R5  Whatever
//   happened to a slot before Push happened before the next owner's use.
//
// OTP's ring has as many entries as numbers and skips an entry that is not ready. That keeps R2,
// but one skip displaces the index, and the next call then walks the whole ring (64 K entries)
// until it meets the one gap: 1.5 us for each open and close of two threads. This one has the order
// and the numbers of OTP's, but twice the entries, each stamped with the lap it was filled in: who
// comes too early stamps the entry, and the late one goes to the next (the scalable circular queue
// of Nikolaev, DISC 2019, without its test for empty: a Pop is owed a number, see below).
//
// Threads: any. Ownership: owns its ring (16 bytes per number). Errors: std::bad_alloc from the
// constructor only. Source: otp_ports.md 4.2 and 4.3; concurrency.md 1 and 3.5 (why acq_rel, not
// relaxed).
#pragma once

#include <bit>
#include <cstdint>
#include <memory>

#include "port/atomics_policy.h"

namespace portlab {

inline constexpr std::uint32_t kPortNumberBits = 28;
inline constexpr std::uint32_t kPortNumberMask = (1u << kPortNumberBits) - 1;
// OTP's reserved number: never a port's.
inline constexpr std::uint32_t kInvalidPortNumber = kPortNumberMask;

// Ring of a table with this limit: the next power of two, at least 8. REQUIRES 1 <= limit <=
// kPortLimitMax.
std::uint32_t PortRingSize(std::uint32_t limit);

// Where OTP's table keeps this number: consecutive numbers lie a cache line of 8 pointers apart. It
// orders ports().
constexpr std::uint32_t PortSlot(std::uint32_t number, std::uint32_t ring_size) {
  const std::uint32_t lines = ring_size / 8;
  return (number % lines) * 8 + (number / lines) % 8;
}

// The next number of the same slot.
constexpr std::uint32_t NextPortNumber(std::uint32_t number, std::uint32_t ring_size) {
  const std::uint32_t next = (number + ring_size) & kPortNumberMask;
  return next != kInvalidPortNumber ? next : (next + ring_size) & kPortNumberMask;
}

template <class Policy = HostAtomics>
class SlotRing {
 public:
  // `size`: from PortRingSize. At first it holds 0 … size-1 in order; less a number whose only
  // successor is the reserved one (the last, in the largest ring).
  explicit SlotRing(std::uint32_t size)
      : size_(size),
        entry_bits_(std::countr_zero(size) + 1),
        entries_(std::make_unique<Entry[]>(std::size_t{2} * size)),
        pops_(std::uint64_t{2} * size),
        pushes_(std::uint64_t{2} * size) {
    for (std::uint64_t turn = 0; turn < std::uint64_t{2} * size; ++turn) {
      EntryOf(turn).store(kSafe | kGap, std::memory_order_relaxed);
    }
    for (std::uint32_t number = 0; number < size; ++number) {
      if (NextPortNumber(number, size) != number) Push(number);
    }
  }

  // REQUIRES: the caller is owed a number: those pushed and not popped are at least as many as the
  // callers of Pop. Whoever holds a place of the limit counter is, if every Push precedes giving
  // the place back.
  std::uint32_t Pop() {
    while (true) {
      const std::uint64_t turn = pops_.fetch_add(1, std::memory_order_acq_rel);
      const std::uint64_t lap = LapOf(turn);
      Entry& entry = EntryOf(turn);
      std::uint64_t seen = entry.load(std::memory_order_acquire);
      while (true) {
        if ((seen & kLapMask) == lap) {
          entry.fetch_or(kGap, std::memory_order_acq_rel);
          return static_cast<std::uint32_t>(seen & kGap);
        }
        if (!Earlier(seen & kLapMask, lap)) break;
        // The Push of this turn has not come. Let it not come any more: stamp the gap with this
        // lap, or, where the Pop of an earlier lap has yet to take its number, leave the warning
        // that this turn is over.
        const std::uint64_t over =
            (seen & kGap) == kGap ? lap | (seen & kSafe) | kGap : seen & ~kSafe;
        if (entry.compare_exchange_strong(seen, over, std::memory_order_acq_rel,
                                          std::memory_order_acquire)) {
          break;
        }
      }
    }
  }

  // REQUIRES: no number of this slot is in the ring.
  void Push(std::uint32_t number) {
    while (true) {
      const std::uint64_t turn = pushes_.fetch_add(1, std::memory_order_acq_rel);
      const std::uint64_t lap = LapOf(turn);
      Entry& entry = EntryOf(turn);
      std::uint64_t seen = entry.load(std::memory_order_acquire);
      while (Earlier(seen & kLapMask, lap) && (seen & kGap) == kGap &&
             ((seen & kSafe) != 0 || pops_.load(std::memory_order_acquire) <= turn)) {
        if (entry.compare_exchange_strong(seen, lap | kSafe | number, std::memory_order_acq_rel,
                                          std::memory_order_acquire)) {
          return;
        }
      }
    }
  }

  std::uint32_t size() const { return size_; }

 private:
  using Entry = typename Policy::template atomic<std::uint64_t>;

  // An entry: the lap it was last filled or passed in, whether the Pop of that place may still
  // come, and a number or none.
  static constexpr std::uint64_t kGap = (std::uint64_t{1} << (kPortNumberBits + 1)) - 1;
  static constexpr std::uint64_t kSafe = kGap + 1;
  static constexpr int kLapShift = kPortNumberBits + 2;
  static constexpr std::uint64_t kLapMask = ~std::uint64_t{0} << kLapShift;
  static constexpr int kLineBits = 3;  // 8 entries in a cache line

  std::uint64_t LapOf(std::uint64_t turn) const { return (turn >> entry_bits_) << kLapShift; }
  // Laps wrap; two that meet in one entry are never far apart.
  static bool Earlier(std::uint64_t lap, std::uint64_t than) {
    return static_cast<std::int64_t>(lap - than) < 0;
  }

  // Neighbouring turns on different cache lines, so that threads popping at once do not share one.
  Entry& EntryOf(std::uint64_t turn) const {
    const std::uint64_t place = turn & (std::uint64_t{2} * size_ - 1);
    const int spread_bits = entry_bits_ - kLineBits;
    return entries_[((place & ((std::uint64_t{1} << spread_bits) - 1)) << kLineBits) |
                    (place >> spread_bits)];
  }

  const std::uint32_t size_;
  const int entry_bits_;
  const std::unique_ptr<Entry[]> entries_;
  alignas(kCacheLineBytes) typename Policy::template atomic<std::uint64_t> pops_;
  alignas(kCacheLineBytes) typename Policy::template atomic<std::uint64_t> pushes_;
};

}  // namespace portlab
