// One port. A Port is a slot of the port table: type-stable, re-used by one port after another,
// each with its own id.
//
// Numbered rules (runtime/ARCHITECTURE.md "Life of a port" tells them as a story):
//   1. id() tells which port lives here. Whoever found a Port by id takes lock() and compares id()
//   again; different: it
//      is another port now, and the answer is badarg.
//   2. Everything in PortBody is touched only under lock(), except what says otherwise. What the
//   queue mutex guards is marked.
//   3. A callback runs under lock(), inside a CallbackScope, and after it returns the executing
//   thread looks at state():
//      the callback may have ended the port.
//   4. The slot goes back to the table when the lock is released by the thread that saw the port
//   die, never earlier.
//   5. lock() is the driver's when the driver has no port locking, else the port's own.
//
// Threads: as the rules say. Ownership: the table owns Ports; a Port owns its body.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "base/atomic.h"
#include "base/ids.h"
#include "base/order.h"
#include "base/runnable.h"
#include "port/port_body.h"
#include "port/port_signal.h"
#include "port/port_state.h"

namespace portlab {

class Ports;

// The signals that wait for a port, and who waits for it to take commands again: made when the
// first one waits.
struct SignalQueue {
  std::deque<PortSignal> signals;
  std::size_t bytes = 0;
  std::vector<std::weak_ptr<Process>> suspended;
};

class Port : public Runnable {
 public:
  PortId id() const { return PortId{id_.load(std::memory_order_acquire)}; }
  PortState state() const { return state_.load(std::memory_order_acquire); }
  // These change under lock(); who has not got that looks at id() after it.
  Pid connected() const { return Pid{connected_.load(std::memory_order_acquire)}; }
  Driver* driver() const { return driver_.load(std::memory_order_acquire); }
  bool Lives() const { return state() != PortState::kFree && state() != PortState::kDead; }
  OrderedMutex& lock() const { return *lock_.load(std::memory_order_acquire); }
  bool busy() const { return busy_.load(std::memory_order_acquire); }
  // {parallelism,true}: what nobody waits for is served by a scheduler, not by its sender.
  bool parallelism() const { return parallelism_.load(std::memory_order_relaxed); }
  bool message_queue_busy() const { return message_queue_busy_.load(std::memory_order_acquire); }

  std::size_t message_queue_low() const {
    return message_queue_low_.load(std::memory_order_relaxed);
  }
  std::size_t message_queue_high() const {
    return message_queue_high_.load(std::memory_order_relaxed);
  }

  // Under lock().
  PortBody& body() { return body_; }
  const PortBody& body() const { return body_; }
  const std::string& name() const {
    return body_.extras_made == nullptr || body_.extras_made->name.empty()
               ? driver()->entry.name
               : body_.extras_made->name;
  }

  bool Run(int reductions) override;

 private:
  friend class Ports;
  friend class PortExecutor;
  void Move(PortState to) {
    if (!LegalMove(state_.load(std::memory_order_relaxed), to)) [[unlikely]]
      IllegalMove();
    state_.store(to, std::memory_order_release);
  }
  [[noreturn]] static void IllegalMove();
  void set_connected(Pid to) { connected_.store(to.number, std::memory_order_release); }
  // Short lock: what waits for the port. A few mutexes serve all ports.
  Mutex& queue_mutex() const {
    return queue_mutexes_[reinterpret_cast<std::uintptr_t>(this) / kQueueMutexes % kQueueMutexes];
  }
  // Under queue_mutex().
  SignalQueue& waiting() {
    if (waiting_ == nullptr) waiting_ = std::make_unique<SignalQueue>();
    return *waiting_;
  }

  static constexpr std::size_t kQueueMutexes = 64;
  struct alignas(64) QueueMutex : Mutex {};
  static std::array<QueueMutex, kQueueMutexes> queue_mutexes_;

  // In this order there are no gaps.
  std::atomic<PortState> state_{PortState::kFree};
  std::atomic<bool> busy_{false};
  std::atomic<bool> message_queue_busy_{false};
  std::atomic<bool> soft_busy_{false};
  std::atomic<std::uint64_t> id_{PortId::kNone};
  std::atomic<std::uint64_t> connected_{0};
  std::atomic<Driver*> driver_{nullptr};
  std::atomic<OrderedMutex*> lock_{&own_lock_};
  OrderedMutex own_lock_;
  PortBody body_;
  std::unique_ptr<SignalQueue> waiting_;  // under queue_mutex()
  std::atomic<std::size_t> message_queue_low_{4096};
  std::atomic<std::size_t> message_queue_high_{8192};
  Atomic<std::uint32_t> queued_{0};  // signals that wait, the one that is executed among them
  std::atomic<bool> parallelism_{false};
};
// Three cache lines with the slot's own word: what an idle port takes in the table. A sanitizer's
// mutexes are no larger, so this holds in every build.
static_assert(sizeof(Port) <= 184);

}  // namespace portlab
