// The baton of base/order.h: of all joined threads one runs, the others wait for their turn.
//
// Who is next: any runnable thread, by seed; if there is none, the idling (polling) thread, once
// per round; if that found nothing, the clock jumps to the smallest deadline; if there is no
// deadline, the idling thread may block on its fds; if it has none, and nobody is outside the
// order, it is a deadlock and the host stops.
//
// Only base/order.cc and base/ordered_thread.cc use this file.
// Threads: all functions from any thread; its mutex is the innermost of all locks. Time: virtual
// nanoseconds.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/order.h"
#include "base/random.h"

namespace portlab {

class BatonOrder {
 public:
  // One thread's place in the order. Owned by the BatonOrder from Expect to Leave.
  struct Context {
    enum class State : std::uint8_t { kRunnable, kRunning, kWaiting, kIdle, kOutside };

    std::string name;
    std::uint64_t ordinal = 0;
    int joins = 1;
    bool guest = false;  // here for the time of one call
    State state = State::kRunnable;
    const void* condition = nullptr;  // kWaiting: for this
    Nanos deadline = kForever;        // kWaiting, kIdle
    bool timed_out = false;
    bool idling = false;  // inside WaitIdle, whatever its state
    bool has_fds = false;
    Idle idle = Idle::kPoll;
    std::uint64_t seen_progress = 0;  // progress_ at its last poll
    std::condition_variable turn;
  };

  explicit BatonOrder(std::uint64_t seed) : random_(seed) {}
  ~BatonOrder();
  BatonOrder(const BatonOrder&) = delete;
  BatonOrder& operator=(const BatonOrder&) = delete;

  // The baton in force, or null: real threads.
  static BatonOrder* Installed() { return installed_baton.load(std::memory_order_acquire); }
  // The calling thread's place, or null: not joined, or outside.
  static Context*& Mine() {
    thread_local constinit Context* mine = nullptr;
    return mine;
  }

  // Makes a place, runnable from now on: it may be chosen before its thread has reached Enter.
  Context* Expect(const char* name, bool guest = false);
  // Waits for the calling thread's first turn.
  void Enter(Context* self);
  void Leave(Context* self);
  void Point(Context* self);
  bool Wait(Context* self, const void* condition, Mutex& mutex, Nanos deadline) REQUIRES(mutex);
  void Notify(const void* condition, bool all);
  // Virtual time goes no faster than real time while this is above zero.
  void CountRealWorld(int change);
  Idle WaitIdle(Context* self, Nanos deadline, bool has_fds);
  void WakeIdle();
  void GoOutside(Context* self);
  void ComeBack(Context* self);
  // An OrderedMutex is now held (+1) or no longer held (-1) by a thread without a place: no
  // deadlock while it is.
  void CountForeignHolder(int change);

  std::uint64_t Choose(std::uint64_t bound);
  std::uint64_t digest();
  Nanos now() const { return now_.load(std::memory_order_relaxed); }

 private:
  using Lock = std::unique_lock<std::mutex>;

  // All of these: with mutex_ held.
  void PassOn(Context* self);
  void HandOn(bool report_deadlock = true);
  void AwaitTurn(Lock& lock, Context* self);
  Context* PickRunnable();
  Context* PickIdle();
  Context* PickBlocking();
  bool JumpToNextDeadline();
  void ReleaseDue();
  Context* PickBriefly();
  Nanos EarliestDeadline() const;
  bool SomebodyOutside() const;
  bool AnotherIsRunnable() const;
  // The turn is `next`'s, and it need not be woken for it.
  void GoOn(Context* next);
  void CountTurn(const Context& of);
  void SetState(Context& context, Context::State state);
  void Resume(Context* next);
  [[noreturn]] void ReportDeadlock() const;

  std::mutex mutex_;
  std::vector<std::unique_ptr<Context>> contexts_;  // in the order of joining
  Context* current_ = nullptr;
  Random random_;
  std::uint64_t next_ordinal_ = 0;
  // Written by who has the baton, or with mutex_ held.
  Atomic<std::uint64_t> progress_{1};  // how often a thread that does not idle was resumed
  std::atomic<std::uint64_t> digest_{0xcbf29ce484222325u};
  Atomic<int> runnable_{0};  // contexts in that state: what Point may look at without mutex_
  int foreign_holders_ = 0;
  int real_world_ = 0;
  std::atomic<Nanos> now_{1'000'000 * kMillisecond};
};

}  // namespace portlab
