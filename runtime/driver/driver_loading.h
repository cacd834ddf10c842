// Shared by driver_registry.cc and driver_loading.cc: the registry's long lock, and how a failed
// load is told.
// Threads: any. Source: erl_ddll(3erl); otp_ports.md 7.
#pragma once

#include "driver/driver_library.h"
#include "driver/driver_registry.h"

namespace portlab {

// Holds the registry's long lock; nothing when this thread does already (add_driver_entry from
// init).
class DriverRegistry::Loading {
 public:
  explicit Loading(DriverRegistry& registry) NO_THREAD_SAFETY_ANALYSIS
      : lock_(registry.loading_.HeldByThisThread() ? nullptr : &registry.loading_) {
    if (lock_ != nullptr) lock_->Lock();
  }
  ~Loading() NO_THREAD_SAFETY_ANALYSIS {
    if (lock_ != nullptr) lock_->Unlock();
  }
  Loading(const Loading&) = delete;
  Loading& operator=(const Loading&) = delete;

 private:
  OrderedMutex* const lock_;
};

}  // namespace portlab
