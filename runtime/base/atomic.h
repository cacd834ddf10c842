// The atomics of the runtime: std::atomic, but in the host of a fuzz build, where one thread at a
// time is in the runtime until its driver makes a thread. Short locks and counts are a tenth of the
// time that such a host takes, as their locked instructions are the price of safety from nobody: so
// until then they are words that are read and written (fuzz/made_threads.cc says when that ends).
//
// One at a time means: by hand-over. What the thread with the baton (base/order.h) wrote, the next
// one sees, as the baton's own lock lies in between.
#pragma once

#include <atomic>
#include <cstdint>

namespace portlab {

// The promise that one thread at a time is in the runtime. It is broken for good when a thread is
// made, and does not hold while one is outside the order.
//
// Threads: Holds and ThreadIsMade by any; the rest by the thread with the baton. When another
// thread might run that has none, the promise does not hold, and nobody writes what Holds reads.
class OneAtATime {
 public:
  static bool Holds() { return holds_; }
  // REQUIRES: every thread that will ever touch the runtime has a place in the order, or will be
  // told of by ThreadIsMade.
  static void Begin() {
    promised_.store(true, std::memory_order_relaxed);
    holds_ = outside_ == 0;
  }
  // By whoever makes a thread, before that runs. No word is then halfway from its old value to its
  // new one: the only thread that could be at it is this one.
  static void ThreadIsMade() {
    made_.fetch_add(1, std::memory_order_relaxed);
    promised_.store(false, std::memory_order_relaxed);
    if (holds_) holds_ = false;
  }
  // How often that was told, since the process began.
  static std::uint32_t threads_made() { return made_.load(std::memory_order_relaxed); }

  // By the baton, with its lock: a thread goes on without it, and has it again.
  static void OneGoesOutside() {
    ++outside_;
    if (holds_) holds_ = false;
  }
  static void OneIsBack() {
    if (--outside_ == 0 && promised_.load(std::memory_order_relaxed)) holds_ = true;
  }

 private:
  static inline constinit bool holds_ = false;
  static inline constinit int outside_ = 0;
  static inline constinit std::atomic<bool> promised_{false};
  static inline constinit std::atomic<std::uint32_t> made_{0};
};

// A std::atomic whose read-modify-write operations and ordered stores are plain while OneAtATime
// holds. Either kind of access may follow the other: a word is the same after both.
template <class T>
class OneAtATimeAtomic : public std::atomic<T> {
  using Base = std::atomic<T>;

 public:
  constexpr OneAtATimeAtomic() noexcept = default;
  // Implicit, as std::atomic's.
  constexpr OneAtATimeAtomic(T value) noexcept : Base(value) {}

  void store(T value, std::memory_order order = std::memory_order_seq_cst) {
    OneAtATime::Holds() ? Put(value) : Base::store(value, order);
  }
  T exchange(T value, std::memory_order order = std::memory_order_seq_cst) {
    if (!OneAtATime::Holds()) return Base::exchange(value, order);
    return Replace([value](T) { return value; });
  }
  T fetch_add(T by, std::memory_order order = std::memory_order_seq_cst) {
    if (!OneAtATime::Holds()) return Base::fetch_add(by, order);
    return Replace([by](T seen) { return static_cast<T>(seen + by); });
  }
  T fetch_sub(T by, std::memory_order order = std::memory_order_seq_cst) {
    if (!OneAtATime::Holds()) return Base::fetch_sub(by, order);
    return Replace([by](T seen) { return static_cast<T>(seen - by); });
  }
  T fetch_or(T bits, std::memory_order order = std::memory_order_seq_cst) {
    if (!OneAtATime::Holds()) return Base::fetch_or(bits, order);
    return Replace([bits](T seen) { return static_cast<T>(seen | bits); });
  }
  // `orders`: as std::atomic's, one for both ends or one for each.
  template <class... Orders>
  bool compare_exchange_strong(T& expected, T value, Orders... orders) {
    if (!OneAtATime::Holds()) return Base::compare_exchange_strong(expected, value, orders...);
    return ReplaceIf(expected, value);
  }
  template <class... Orders>
  bool compare_exchange_weak(T& expected, T value, Orders... orders) {
    if (!OneAtATime::Holds()) return Base::compare_exchange_weak(expected, value, orders...);
    return ReplaceIf(expected, value);
  }

 private:
  T Look() const { return Base::load(std::memory_order_relaxed); }
  void Put(T value) { Base::store(value, std::memory_order_relaxed); }
  template <class Change>
  T Replace(Change change) {
    const T seen = Look();
    Put(change(seen));
    return seen;
  }
  bool ReplaceIf(T& expected, T value) {
    const T seen = Look();
    if (seen == expected) {
      Put(value);
      return true;
    }
    expected = seen;
    return false;
  }
};

#if defined(PORTLAB_FUZZ_HOST)
template <class T>
using Atomic = OneAtATimeAtomic<T>;
#else
template <class T>
using Atomic = std::atomic<T>;
#endif

}  // namespace portlab
