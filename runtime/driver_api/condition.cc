// Condition variables for drivers. The mutex that goes with one is a long lock of its own
// (mutex.h), so a waiter draws a ticket under `guard_` before it lets go of that mutex: a signal
// sent from then on makes the ticket stale. Source: erl_driver(3erl) erl_drv_cond_create …
#include <erl_driver.h>

#include <cstdint>
#include <string>

#include "base/order.h"
#include "driver_api/api_call.h"
#include "driver_api/mutex.h"
#include "driver_api/named_object.h"

using portlab::ApiCall;
using portlab::ApiFunction;
using portlab::MutexLock;

struct ErlDrvCond_ {
 public:
  explicit ErlDrvCond_(const char* name) : name_(portlab::NameOrUnknown(name)) {}
  ErlDrvCond_(const ErlDrvCond_&) = delete;
  ErlDrvCond_& operator=(const ErlDrvCond_&) = delete;

  void Wait(ErlDrvMutex& mutex) {
    {
      const MutexLock lock(guard_);
      const std::uint64_t ticket = signals_;
      ++waiters_;
      mutex.Unlock("erl_drv_cond_wait");
      while (signals_ == ticket) signalled_.Wait(guard_);
      --waiters_;
    }
    mutex.Lock();
  }

  void Signal(bool all) {
    const MutexLock lock(guard_);
    ++signals_;
    if (all) {
      signalled_.NotifyAll();
    } else {
      signalled_.NotifyOne();
    }
  }

  bool HasWaiters() {
    const MutexLock lock(guard_);
    return waiters_ > 0;
  }

  char* name() { return name_.data(); }

 private:
  portlab::Mutex guard_;
  portlab::Condition signalled_;
  std::uint64_t signals_ GUARDED_BY(guard_) = 0;
  int waiters_ GUARDED_BY(guard_) = 0;
  std::string name_;
};

ErlDrvCond* erl_drv_cond_create(char* name) {
  ApiCall call(ApiFunction::k_erl_drv_cond_create);
  return portlab::NewOrNull<ErlDrvCond_>(name);
}

void erl_drv_cond_destroy(ErlDrvCond* cond) {
  ApiCall call(ApiFunction::k_erl_drv_cond_destroy);
  if (cond == nullptr) portlab::StopHost("erl_drv_cond_destroy: the condition must not be NULL");
  if (cond->HasWaiters())
    portlab::StopHost("erl_drv_cond_destroy: a thread waits for the condition");
  delete cond;
}

void erl_drv_cond_signal(ErlDrvCond* cond) {
  ApiCall call(ApiFunction::k_erl_drv_cond_signal);
  if (cond == nullptr) portlab::StopHost("erl_drv_cond_signal: the condition must not be NULL");
  cond->Signal(false);
}

void erl_drv_cond_broadcast(ErlDrvCond* cond) {
  ApiCall call(ApiFunction::k_erl_drv_cond_broadcast);
  if (cond == nullptr) portlab::StopHost("erl_drv_cond_broadcast: the condition must not be NULL");
  cond->Signal(true);
}

void erl_drv_cond_wait(ErlDrvCond* cond, ErlDrvMutex* mutex) {
  ApiCall call(ApiFunction::k_erl_drv_cond_wait);
  if (cond == nullptr) portlab::StopHost("erl_drv_cond_wait: the condition must not be NULL");
  if (mutex == nullptr) portlab::StopHost("erl_drv_cond_wait: the mutex must not be NULL");
  cond->Wait(*mutex);
}

char* erl_drv_cond_name(ErlDrvCond* cond) {
  ApiCall call(ApiFunction::k_erl_drv_cond_name);
  return cond == nullptr ? nullptr : cond->name();
}
