// Counts open ports against the port limit. Two counters behind one interface:
//
//   bool Reserve()            takes one place; false: system_limit
//   void GiveBack()           gives one place back; by whoever got `true`, once
//   std::uint32_t count()     places taken, clamped to the limit
//
// What they promise:
//   C1  Places taken and not given back never exceed the limit.                            both
//   C2  With no call in flight, count() is the number of places taken.                     both
//   C3  Reserve refuses only if the places taken reached the limit at some instant of it.
//   ReserveCounter only C4  A thread that runs alone finishes: no call waits for another. both
// OtpCounter misses C3: a refused Reserve has counted itself until its roll-back, and other opens
// see that (port_table_test shows the interleaving).
//
// Threads: any. GiveBack releases and Reserve acquires, so what was done before a place was given
// back is visible to the one who gets it. Ownership: none. Errors: giving back more than was taken
// is a bug of ours (PORTLAB_CHECK). Source: otp_ports.md 4.2; concurrency.md 1.
#pragma once

#include <algorithm>
#include <cstdint>
#include <variant>

#include "base/check.h"
#include "port/atomics_policy.h"
#include "portlab/limits.h"

namespace portlab {

// Compare-exchange up: the count is the truth at every instant.
template <class Policy = HostAtomics>
class ReserveCounter {
 public:
  explicit ReserveCounter(std::uint32_t limit) : limit_(limit) {}

  bool Reserve() {
    std::uint32_t seen = count_.load(std::memory_order_acquire);
    while (seen < limit_) {
      if (count_.compare_exchange_weak(seen, seen + 1, std::memory_order_acq_rel,
                                       std::memory_order_acquire)) {
        return true;
      }
    }
    return false;
  }

  void GiveBack() {
    const std::uint32_t before = count_.fetch_sub(1, std::memory_order_release);
    PORTLAB_CHECK(before != 0, "a place was given back that nobody had taken");
  }

  std::uint32_t count() const { return count_.load(std::memory_order_acquire); }

 private:
  typename Policy::template atomic<std::uint32_t> count_{0};
  const std::uint32_t limit_;
};

// OTP's protocol: increment, compare, roll back by compare-exchange. If the roll-back meets a count
// within the limit, somebody gave a place back meanwhile, and this call keeps it (late acceptance).
template <class Policy = HostAtomics>
class OtpCounter {
 public:
  explicit OtpCounter(std::uint32_t limit) : limit_(limit) {}

  bool Reserve() {
    std::uint32_t seen = count_.fetch_add(1, std::memory_order_acq_rel) + 1;
    while (seen > limit_) {
      if (count_.compare_exchange_weak(seen, seen - 1, std::memory_order_acq_rel,
                                       std::memory_order_acquire)) {
        return false;
      }
    }
    return true;
  }

  void GiveBack() {
    const std::uint32_t before = count_.fetch_sub(1, std::memory_order_release);
    PORTLAB_CHECK(before != 0, "a place was given back that nobody had taken");
  }

  // The bare count is above the limit while a refused Reserve has not rolled back.
  std::uint32_t count() const { return std::min(count_.load(std::memory_order_acquire), limit_); }

 private:
  typename Policy::template atomic<std::uint32_t> count_{0};
  const std::uint32_t limit_;
};

// The counter of the production table: which of the two is chosen when the table is made.
template <class Policy = HostAtomics>
class LimitCounter {
 public:
  explicit LimitCounter(std::uint32_t limit, LimitCounterKind kind = LimitCounterKind::kReserve)
      : counter_(Make(limit, kind)) {}

  bool Reserve() {
    if (auto* reserve = std::get_if<Reserving>(&counter_)) return reserve->Reserve();
    return std::get_if<Otp>(&counter_)->Reserve();
  }
  void GiveBack() {
    if (auto* reserve = std::get_if<Reserving>(&counter_)) return reserve->GiveBack();
    std::get_if<Otp>(&counter_)->GiveBack();
  }
  std::uint32_t count() const {
    if (auto* reserve = std::get_if<Reserving>(&counter_)) return reserve->count();
    return std::get_if<Otp>(&counter_)->count();
  }

 private:
  using Reserving = ReserveCounter<Policy>;
  using Otp = OtpCounter<Policy>;
  using Either = std::variant<Reserving, Otp>;

  static Either Make(std::uint32_t limit, LimitCounterKind kind) {
    if (kind == LimitCounterKind::kOtp) return Either(std::in_place_type<Otp>, limit);
    return Either(std::in_place_type<Reserving>, limit);
  }

  alignas(kCacheLineBytes) Either counter_;
};

}  // namespace portlab
