// One port. A Port is a slot of the port table: type-stable, re-used by one port after another,
// each with its own id.
//
// Numbered rules (runtime/ARCHITECTURE.md "Life of a port" tells them as a story):
//   1. id() tells which port lives here. Whoever found a Port by id takes lock() and compares id()
//   again; different: it
//      is another port now, and the answer is badarg.
//   2. Everything in PortBody is touched only under lock(), except what is atomic here and what
//   says otherwise.
//   3. A callback runs under lock(), inside a CallbackScope, and after it returns the executing
//   thread looks at state():
//      the callback may have ended the port.
//   4. The slot goes back to the table when the lock is released by the thread that saw the port
//   die, never earlier.
//   5. lock() is the driver's when the driver has no port locking, else the port's own.
//
// Threads: as the rules say. Ownership: the table owns Ports; a Port owns its body.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/order.h"
#include "base/runnable.h"
#include "driver/driver.h"
#include "driver/start_options.h"
#include "framing/line.h"
#include "port/io_queue.h"
#include "port/port_data_lock.h"
#include "port/port_signal.h"
#include "port/port_state.h"

namespace portlab {

class Ports;

// What a port needs beyond its identity; made when it opens, gone when it is dead.
struct PortBody {
  Driver* driver = nullptr;
  ErlDrvData data = nullptr;
  StartOptions options;
  std::string name;
  Pid connected;
  std::shared_ptr<Process> owner;        // null: the connected process is gone
  std::set<TermWord> links;              // pids
  std::map<RefId, Pid> watchers;         // who monitors the port
  std::map<RefId, Pid> driver_monitors;  // whom the driver monitors; also under the port data lock
  std::uint64_t input_bytes = 0;
  std::uint64_t output_bytes = 0;
  int control_flags = 0;
  std::int64_t os_pid = -1;
  IoQueue queue;  // also under the port data lock
  PortDataLock* data_lock = nullptr;
  std::unique_ptr<LineDecoder> line;
  std::uint64_t timer_id = 0;  // 0: none is set
  std::uint64_t timer_serial = 0;
  std::int64_t timer_deadline = 0;
  bool message_queue_disabled = false;
  bool flush_called = false;
  bool stop_called = false;
  bool output_limit_hit = false;
  int reductions = 0;  // consumed in the callback that runs
  Pid answer_closed_to;
  // open_port waits here when the driver acknowledges its start itself.
  std::shared_ptr<SignalReply> init_ack;
};

class Port : public Runnable {
 public:
  PortId id() const { return PortId{id_.load(std::memory_order_acquire)}; }
  PortState state() const { return state_.load(std::memory_order_acquire); }
  bool Lives() const { return state() != PortState::kFree && state() != PortState::kDead; }
  OrderedMutex& lock() const { return *lock_.load(std::memory_order_acquire); }
  bool busy() const { return busy_.load(std::memory_order_acquire); }
  bool message_queue_busy() const { return message_queue_busy_.load(std::memory_order_acquire); }

  std::size_t message_queue_low() const {
    return message_queue_low_.load(std::memory_order_relaxed);
  }
  std::size_t message_queue_high() const {
    return message_queue_high_.load(std::memory_order_relaxed);
  }

  // Under lock().
  PortBody& body() { return *body_; }
  const PortBody& body() const { return *body_; }

  bool Run(int reductions) override;

 private:
  friend class Ports;
  friend class PortExecutor;
  void Move(PortState to);

  std::atomic<std::uint64_t> id_{PortId::kNone};
  std::atomic<PortState> state_{PortState::kFree};
  std::atomic<OrderedMutex*> lock_{&own_lock_};
  std::atomic<bool> busy_{false};
  std::atomic<bool> message_queue_busy_{false};
  std::atomic<bool> soft_busy_{false};
  std::atomic<std::size_t> message_queue_low_{4096};
  std::atomic<std::size_t> message_queue_high_{8192};
  std::atomic<std::uint32_t> queued_{0};  // signals in queue_
  OrderedMutex own_lock_;
  std::unique_ptr<PortBody> body_;
  Ports* ports_ = nullptr;

  // Short lock: the signal queue and who waits for the port to be idle again.
  Mutex queue_mutex_;
  std::deque<PortSignal> queue_ GUARDED_BY(queue_mutex_);
  std::size_t queued_bytes_ GUARDED_BY(queue_mutex_) = 0;
  std::vector<std::weak_ptr<Process>> suspended_ GUARDED_BY(queue_mutex_);
};

}  // namespace portlab
