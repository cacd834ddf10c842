// The mutex behind erl_drv_mutex_*: a long lock, held across whatever the driver does, so waiting
// for it is a scheduling point. Not recursive: locking it twice waits for ever, as on OTP, unless
// the contract is strict.
//
// It is not an OrderedMutex because OTP lets any thread unlock it, and with Contract::kOtp so must
// we. Threads: any. Ownership: the driver's, from create to destroy. Source: erl_driver(3erl)
// erl_drv_mutex_create …
#pragma once

#include <string>
#include <thread>

#include "base/order.h"

struct ErlDrvMutex_ {
 public:
  explicit ErlDrvMutex_(const char* name);
  ErlDrvMutex_(const ErlDrvMutex_&) = delete;
  ErlDrvMutex_& operator=(const ErlDrvMutex_&) = delete;

  void Lock();
  bool TryLock();
  // `function` is named in the report of a breach.
  void Unlock(const char* function);
  bool IsHeld();
  char* name() { return name_.data(); }

 private:
  portlab::Mutex guard_;
  portlab::Condition released_;
  bool held_ GUARDED_BY(guard_) = false;
  std::thread::id owner_ GUARDED_BY(guard_);
  std::string name_;
};
