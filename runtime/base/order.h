// The source of order: who runs next, and what time it is. Everything in the runtime that waits,
// waits through this file, so that one build has two sources of order:
//
//   threads   real threads, real clock. Condition is a futex.
//   baton     exactly one joined thread runs at a time; at each synchronisation point a seed
//   decides who is next; time is
//             virtual and moves only when every thread waits. Two runs with one seed take the same
//             path.
//
// Rules for the baton (they hold in threads mode too, where they cost nothing):
//   1. A thread joins (Order::Join or JoinedThread) before it touches the runtime and leaves before
//   it ends.
//   2. The baton changes hands only inside Condition::Wait*, OrderedMutex::Lock, Order::Point,
//   WaitIdle, Join and Leave and
//      in OutsideOrder: never while a base Mutex is held, so those are never contended.
//   3. A joined thread that really blocks (a system call, a foreign lock) stops everybody: wrap it
//   in OutsideOrder. When it
//      comes back is up to the machine, so a path with such a scope is not reproducible; virtual
//      time does not wait for it.
//   4. Start threads as OrderedThread (base/ordered_thread.h): its place in the order is fixed when
//   it is started. A
//      std::thread that joins by itself takes its place whenever the machine lets it.
//   5. A thread that has not joined may use everything here; it is joined for the time of the call.
//   6. When every joined thread waits, without a deadline and without fds to poll, and none is
//   outside, that is a deadlock:
//      StopHost("deadlock: every thread waits: <names>"). A thread that is to wake the others later
//      must be joined.
//
// Threads: all functions from any thread. Ownership: one Order per OS process, installed before the
// first joined thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/mutex.h"

namespace portlab {

// Nanoseconds of monotonic time: CLOCK_MONOTONIC with threads, virtual with the baton.
using Nanos = std::int64_t;
inline constexpr Nanos kForever = INT64_MAX;
inline constexpr Nanos kMillisecond = 1'000'000;

Nanos MonotonicNow();

class BatonOrder;
// The baton in force, or null: real threads.
extern std::atomic<BatonOrder*> installed_baton;

// Names the calling thread, for as long as it lives: never zero.
std::uint32_t NewThreadNumber();
inline std::uint32_t ThisThreadNumber() {
  thread_local constinit std::uint32_t number = 0;
  if (number == 0) [[unlikely]]
    number = NewThreadNumber();
  return number;
}

// What the polling thread is to do after Order::WaitIdle.
enum class Idle : std::uint8_t {
  kPoll,      // other threads ran since the last poll: look, do not wait
  kDeadline,  // it is the deadline
  kMayBlock,  // nothing but an fd can go on: wait for one (inside OutsideOrder), at most until the
              // deadline
  kBriefly,   // as kMayBlock, but for a millisecond: an external program is alive (EnterRealWorld)
};

class Order {
 public:
  // Installs the baton, seeded. Call before any thread joins; `Uninstall` after all have left.
  // Without it: real threads.
  static void InstallBaton(std::uint64_t seed);
  static void Uninstall();
  static bool deterministic() { return installed_baton.load(std::memory_order_acquire) != nullptr; }

  // Joins nest: the outermost Leave counts.
  static void Join(const char* name);
  static void Leave();
  // A scheduling point: with the baton another thread may run before this returns.
  static void Point();
  // A number below `bound`, from the seed with the baton, else from a per-thread generator.
  static std::uint64_t Choose(std::uint64_t bound);
  // For the thread that polls fds and timers: returns when no other thread can run, or at
  // `deadline` (virtual time then IS at least deadline). Calling it again says: the poll found
  // nothing. Only then does virtual time jump; a poll itself costs 10 us of it, so that an fd that
  // is always ready cannot stop the clock. `has_fds`: an fd could still become ready, so no
  // deadlock while this thread idles. REQUIRES: joined. With threads: kMayBlock at once.
  static Idle WaitIdle(Nanos deadline, bool has_fds = false);
  // Makes a thread in WaitIdle look again, as soon as no other can run. For callers that may not be
  // joined.
  static void WakeIdle();
  // While an external program lives, virtual time goes no faster than real time: its answer is
  // worth waiting for. Such a run is not deterministic. Calls nest.
  static void EnterRealWorld();
  static void LeaveRealWorld();
  // A digest of all hand-overs made so far: equal for equal seeds. Zero with threads.
  static std::uint64_t digest();
};

class JoinedThread {
 public:
  explicit JoinedThread(const char* name) { Order::Join(name); }
  ~JoinedThread() { Order::Leave(); }
  JoinedThread(const JoinedThread&) = delete;
  JoinedThread& operator=(const JoinedThread&) = delete;
};

// For a system call that may wait, or a foreign lock: gives the baton back for the time of the
// scope.
class OutsideOrder {
 public:
  OutsideOrder();
  ~OutsideOrder();
  OutsideOrder(const OutsideOrder&) = delete;
  OutsideOrder& operator=(const OutsideOrder&) = delete;

 private:
  bool joined_;
};

// A condition variable over a base Mutex. Spurious wake-ups are possible: wait in a loop.
class Condition {
 public:
  Condition() = default;
  Condition(const Condition&) = delete;
  Condition& operator=(const Condition&) = delete;

  void Wait(Mutex& mutex) REQUIRES(mutex) { WaitUntil(mutex, kForever); }
  // False when `deadline` (MonotonicNow's clock) passed.
  bool WaitUntil(Mutex& mutex, Nanos deadline) REQUIRES(mutex);
  void NotifyOne();
  void NotifyAll();

 private:
  void Notify(bool all);

  std::atomic<std::uint32_t> notified_{0};
  std::atomic<std::uint32_t> waiting_{0};
};

// A long lock: held across driver callbacks, so waiting for it is a scheduling point. Not
// recursive. Knows its owner. May be destroyed by its last holder as soon as that has unlocked it.
class CAPABILITY("mutex") OrderedMutex {
 public:
  OrderedMutex() = default;
  OrderedMutex(const OrderedMutex&) = delete;
  OrderedMutex& operator=(const OrderedMutex&) = delete;

  void Lock() ACQUIRE();
  bool TryLock() TRY_ACQUIRE(true) {
    if (!word_.TryTake()) return false;
    Took();
    return true;
  }
  void Unlock() RELEASE() {
    if (!HeldByThisThread()) [[unlikely]]
      NotHeld();
    owner_.store(0, std::memory_order_relaxed);
    if (word_.Free()) [[unlikely]]
      Wake(this);
    // The mutex may be gone by now.
    if (Order::deterministic()) CountForeign(-1);
  }
  bool HeldByThisThread() const {
    return owner_.load(std::memory_order_relaxed) == ThisThreadNumber();
  }

 private:
  void LockSlow();
  void Took() {
    owner_.store(ThisThreadNumber(), std::memory_order_relaxed);
    if (Order::deterministic()) CountForeign(+1);
  }
  static void Wake(OrderedMutex* mutex);
  // See BatonOrder::CountForeignHolder.
  static void CountForeign(int change);
  [[noreturn]] static void NotHeld();

  FutexWord word_;
  std::atomic<std::uint32_t> owner_{0};
};

}  // namespace portlab
