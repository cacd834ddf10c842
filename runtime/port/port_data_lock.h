// The port data lock (ErlDrvPDL): lets threads of a driver touch the driver queue and the monitors
// of its port. Counted: the port holds one reference, each async job of the port one, and each
// holder of the lock one more, so it may outlive the port. A thread that has it finds the port
// through it: the port's slot may be another's by then.
// Threads: any. Lock order: after the port's lock. Source: erl_driver(3erl) driver_pdl_create;
// otp_ports.md 1.4, 5.5.
#pragma once

#include <cstdint>

#include "base/atomic.h"
#include "base/ids.h"
#include "base/order.h"

namespace portlab {

class Port;

class PortDataLock {
 public:
  static PortDataLock* Create(PortId of, Port& port) { return new PortDataLock(of, port); }
  void Lock() NO_THREAD_SAFETY_ANALYSIS {
    AddReference();
    mutex_.Lock();
    next_held_ = held_;
    held_ = this;
  }
  void Unlock() NO_THREAD_SAFETY_ANALYSIS {
    PortDataLock** at = &held_;
    while (*at != nullptr && *at != this) at = &(*at)->next_held_;
    if (*at == this) *at = next_held_;  // else the mutex knows that it is not this thread's
    mutex_.Unlock();
    DropReference();
  }
  bool HeldByThisThread() const { return mutex_.HeldByThisThread(); }
  // The live port of this id whose lock this thread has; null: it has none, or the port is dead.
  static Port* PortOfHeld(PortId id) {
    for (const PortDataLock* lock = held_; lock != nullptr; lock = lock->next_held_) {
      if (lock->id_ == id) return lock->port_;
    }
    return nullptr;
  }
  // REQUIRES: this thread has the lock.
  void PortIsDead() { port_ = nullptr; }

  std::int64_t references() const { return references_.load(std::memory_order_acquire); }
  std::int64_t AddReference() { return references_.fetch_add(1, std::memory_order_acq_rel) + 1; }
  // The last one frees the lock.
  std::int64_t DropReference() {
    const std::int64_t left = references_.fetch_sub(1, std::memory_order_acq_rel) - 1;
    if (left == 0) delete this;
    return left;
  }

 private:
  PortDataLock(PortId of, Port& port) : id_(of), port_(&port) {}

  static constinit inline thread_local PortDataLock* held_ = nullptr;

  const PortId id_;
  OrderedMutex mutex_;
  Atomic<std::int64_t> references_{1};
  // By who has the lock.
  Port* port_;
  PortDataLock* next_held_ = nullptr;  // by this thread, before
};

}  // namespace portlab
