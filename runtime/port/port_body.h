// What a port is beyond its identity. The few words that every port has are here; what few ports
// use is made on first use, so that an idle one stays small (performance.md G7: 256 bytes, with its
// slot and the link on its owner's side).
//
// Threads: under the port's lock; PortShared also under the port data lock, when there is one.
// Ownership: a Port owns its body; both end when the port is dead.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/ids.h"
#include "base/word_set.h"
#include "driver/driver.h"
#include "framing/line.h"
#include "port/io_queue.h"
#include "port/port_data_lock.h"
#include "port/port_signal.h"

namespace portlab {

// Of open_port's options those that matter after start.
struct PortOptions {
  bool binary = false;
  bool eof = false;
  bool line = false;
};

// What few ports have.
struct PortExtras {
  std::string name;               // empty: the driver's
  std::map<RefId, Pid> watchers;  // who monitors the port
  std::int64_t os_pid = -1;
  std::unique_ptr<LineDecoder> line;
  std::uint64_t timer_id = 0;  // 0: none is set
  std::uint64_t timer_serial = 0;
  std::int64_t timer_deadline = 0;
  Pid answer_closed_to;
  // open_port waits here when the driver acknowledges its start itself.
  std::shared_ptr<SignalReply> init_ack;
};

// What a thread of the driver may touch that has the port data lock.
struct PortShared {
  IoQueue queue;
  std::map<RefId, Pid> driver_monitors;  // whom the driver monitors
};

// Of a PortBody what owns nothing, so that it is set back with a few stores.
struct PortWords {
  ErlDrvData data = nullptr;
  std::uint64_t input_bytes = 0;
  std::uint64_t output_bytes = 0;
  PortDataLock* data_lock = nullptr;
  PortOptions options;
  int control_flags = 0;
  // Used up of the turn in which a callback runs: the port's own, or that of the process it serves.
  int reductions = 0;
  bool message_queue_disabled = false;
  bool flush_called = false;
  bool stop_called = false;
  bool output_limit_hit = false;
};

struct PortBody : PortWords {
  std::shared_ptr<Process> owner;  // null: the connected process is gone
  WordSet links;                   // pids
  std::unique_ptr<PortExtras> extras_made;
  // Made before the port data lock, so that the pointer itself needs no lock.
  std::unique_ptr<PortShared> shared_made;

  // For the slot's next port. What a move has left: no owners, no links.
  PortBody TakeAndReset() {
    PortBody taken = std::move(*this);
    static_cast<PortWords&>(*this) = {};
    return taken;
  }

  PortExtras& extras() {
    if (extras_made == nullptr) extras_made = std::make_unique<PortExtras>();
    return *extras_made;
  }
  PortShared& shared() {
    if (shared_made == nullptr) shared_made = std::make_unique<PortShared>();
    return *shared_made;
  }

  // Without making anything.
  bool timer_is_set() const { return extras_made != nullptr && extras_made->timer_id != 0; }
  std::int64_t os_pid() const { return extras_made == nullptr ? -1 : extras_made->os_pid; }
  LineDecoder* line() const { return extras_made == nullptr ? nullptr : extras_made->line.get(); }
  bool awaits_init_ack() const {
    return extras_made != nullptr && extras_made->init_ack != nullptr;
  }
  std::size_t queued_bytes() const;  // takes the port data lock, where there is one
};

// Around what the runtime itself does to PortShared. A callback that ends its port may have the
// lock already.
class SharedScope {
 public:
  explicit SharedScope(const PortBody& body)
      : lock_(body.data_lock == nullptr || body.data_lock->HeldByThisThread() ? nullptr
                                                                              : body.data_lock) {
    if (lock_ != nullptr) lock_->Lock();
  }
  ~SharedScope() {
    if (lock_ != nullptr) lock_->Unlock();
  }
  SharedScope(const SharedScope&) = delete;
  SharedScope& operator=(const SharedScope&) = delete;

 private:
  PortDataLock* const lock_;
};

inline std::size_t PortBody::queued_bytes() const {
  if (shared_made == nullptr) return 0;
  const SharedScope scope(*this);
  return shared_made->queue.size();
}

}  // namespace portlab
