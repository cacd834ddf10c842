// The port data lock (ErlDrvPDL): lets threads of a driver touch the driver queue and the monitors
// of its port. Counted: the port holds one reference, and each holder of the lock one more, so it
// may outlive the port. Threads: any. Lock order: after the port's lock. Source: erl_driver(3erl)
// driver_pdl_create; otp_ports.md 1.4, 5.5.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/order.h"

namespace portlab {

class PortDataLock {
 public:
  static PortDataLock* Create() { return new PortDataLock; }
  void Lock() NO_THREAD_SAFETY_ANALYSIS {
    AddReference();
    mutex_.Lock();
  }
  void Unlock() NO_THREAD_SAFETY_ANALYSIS {
    mutex_.Unlock();
    DropReference();
  }
  bool HeldByThisThread() const { return mutex_.HeldByThisThread(); }
  std::int64_t references() const { return references_.load(std::memory_order_acquire); }
  std::int64_t AddReference() { return references_.fetch_add(1, std::memory_order_acq_rel) + 1; }
  // The last one frees the lock.
  std::int64_t DropReference() {
    const std::int64_t left = references_.fetch_sub(1, std::memory_order_acq_rel) - 1;
    if (left == 0) delete this;
    return left;
  }

 private:
  PortDataLock() = default;
  OrderedMutex mutex_;
  std::atomic<std::int64_t> references_{1};
};

}  // namespace portlab
