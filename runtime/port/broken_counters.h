// Limit counters with one mistake each, of the kinds real systems make: limit_counter_test must
// catch every one.
//
// They have the interface of limit_counter.h and break a promise of it, C1 or C2.
// Threads: any. Source: concurrency.md 1 ("OTP issues that show which mistakes really happen")
// and 3.3.
#pragma once

#include <algorithm>
#include <cstdint>

#include "port/atomics_policy.h"

namespace portlab {

template <class Policy>
class BrokenCounterBase {
 public:
  explicit BrokenCounterBase(std::uint32_t limit) : limit_(limit) {}
  void GiveBack() { count_.fetch_sub(1, std::memory_order_acq_rel); }
  std::uint32_t count() const { return std::min(count_.load(std::memory_order_acquire), limit_); }

 protected:
  std::uint32_t Increment() { return count_.fetch_add(1, std::memory_order_acq_rel) + 1; }

  typename Policy::template atomic<std::uint32_t> count_{0};
  const std::uint32_t limit_;
};

// Two opens pass the check before either has counted itself: over the limit.
template <class Policy = HostAtomics>
class CheckThenIncrementCounter : public BrokenCounterBase<Policy> {
 public:
  using BrokenCounterBase<Policy>::BrokenCounterBase;
  bool Reserve() {
    if (this->count_.load(std::memory_order_acquire) >= this->limit_) return false;
    this->Increment();
    return true;
  }
};

// Two increments become one: drifts down.
template <class Policy = HostAtomics>
class NonAtomicIncrementCounter : public BrokenCounterBase<Policy> {
 public:
  using BrokenCounterBase<Policy>::BrokenCounterBase;
  bool Reserve() {
    const std::uint32_t seen = this->count_.load(std::memory_order_acquire);
    if (seen >= this->limit_) return false;
    this->count_.store(seen + 1, std::memory_order_release);
    return true;
  }
};

// The roll-back overwrites what others counted meanwhile.
template <class Policy = HostAtomics>
class RollbackByStoreCounter : public BrokenCounterBase<Policy> {
 public:
  using BrokenCounterBase<Policy>::BrokenCounterBase;
  bool Reserve() {
    const std::uint32_t seen = this->Increment();
    if (seen <= this->limit_) return true;
    this->count_.store(seen - 1, std::memory_order_release);
    return false;
  }
};

// The roll-back tries once: if another thread changed the count, the increment stays.
template <class Policy = HostAtomics>
class RollbackTriedOnceCounter : public BrokenCounterBase<Policy> {
 public:
  using BrokenCounterBase<Policy>::BrokenCounterBase;
  bool Reserve() {
    std::uint32_t seen = this->Increment();
    if (seen <= this->limit_) return true;
    this->count_.compare_exchange_strong(seen, seen - 1, std::memory_order_acq_rel,
                                         std::memory_order_acquire);
    return false;
  }
};

// A refused open stays counted: drifts up.
template <class Policy = HostAtomics>
class LostDecrementCounter : public BrokenCounterBase<Policy> {
 public:
  using BrokenCounterBase<Policy>::BrokenCounterBase;
  bool Reserve() { return this->Increment() <= this->limit_; }
};

// A refused open is taken back twice: drifts down, and then over the limit.
template <class Policy = HostAtomics>
class DoubleDecrementCounter : public BrokenCounterBase<Policy> {
 public:
  using BrokenCounterBase<Policy>::BrokenCounterBase;
  bool Reserve() {
    if (this->Increment() <= this->limit_) return true;
    this->GiveBack();
    this->GiveBack();
    return false;
  }
};

// Late acceptance off by one: a roll-back that meets limit + 1 keeps the place.
template <class Policy = HostAtomics>
class LateAcceptanceOffByOneCounter : public BrokenCounterBase<Policy> {
 public:
  using BrokenCounterBase<Policy>::BrokenCounterBase;
  bool Reserve() {
    std::uint32_t seen = this->Increment();
    if (seen <= this->limit_) return true;
    while (!this->count_.compare_exchange_strong(seen, seen - 1, std::memory_order_acq_rel,
                                                 std::memory_order_acquire)) {
      if (seen <= this->limit_ + 1) return true;
    }
    return false;
  }
};

}  // namespace portlab
