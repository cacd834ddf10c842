#include "driver_api/mutex.h"

#include <erl_driver.h>

#include <cerrno>

#include "driver/contract.h"
#include "driver_api/api_call.h"
#include "driver_api/named_object.h"

using portlab::ApiCall;
using portlab::ApiFunction;
using portlab::MutexLock;

ErlDrvMutex_::ErlDrvMutex_(const char* name) : name_(portlab::NameOrUnknown(name)) {}

void ErlDrvMutex_::Lock() {
  portlab::Order::Point();
  const MutexLock lock(guard_);
  if (held_ && owner_ == std::this_thread::get_id()) {
    portlab::Misuse(
        "erl_drv_mutex_lock: this thread already holds the mutex; it would wait for ever");
  }
  while (held_) released_.Wait(guard_);
  held_ = true;
  owner_ = std::this_thread::get_id();
}

bool ErlDrvMutex_::TryLock() {
  portlab::Order::Point();
  const MutexLock lock(guard_);
  if (held_) return false;
  held_ = true;
  owner_ = std::this_thread::get_id();
  return true;
}

void ErlDrvMutex_::Unlock(const char* function) {
  const MutexLock lock(guard_);
  if (!held_ || owner_ != std::this_thread::get_id()) {
    portlab::Misuse((std::string(function) + ": this thread does not hold the mutex").c_str());
  }
  held_ = false;
  released_.NotifyOne();
}

bool ErlDrvMutex_::IsHeld() {
  const MutexLock lock(guard_);
  return held_;
}

ErlDrvMutex* erl_drv_mutex_create(char* name) {
  ApiCall call(ApiFunction::k_erl_drv_mutex_create);
  return portlab::NewOrNull<ErlDrvMutex_>(name);
}

void erl_drv_mutex_destroy(ErlDrvMutex* mutex) {
  ApiCall call(ApiFunction::k_erl_drv_mutex_destroy);
  if (mutex == nullptr) portlab::StopHost("erl_drv_mutex_destroy: the mutex must not be NULL");
  if (mutex->IsHeld()) portlab::StopHost("erl_drv_mutex_destroy: the mutex is locked");
  delete mutex;
}

int erl_drv_mutex_trylock(ErlDrvMutex* mutex) {
  ApiCall call(ApiFunction::k_erl_drv_mutex_trylock);
  if (mutex == nullptr) portlab::StopHost("erl_drv_mutex_trylock: the mutex must not be NULL");
  return mutex->TryLock() ? 0 : EBUSY;
}

void erl_drv_mutex_lock(ErlDrvMutex* mutex) {
  ApiCall call(ApiFunction::k_erl_drv_mutex_lock);
  if (mutex == nullptr) portlab::StopHost("erl_drv_mutex_lock: the mutex must not be NULL");
  mutex->Lock();
}

void erl_drv_mutex_unlock(ErlDrvMutex* mutex) {
  ApiCall call(ApiFunction::k_erl_drv_mutex_unlock);
  if (mutex == nullptr) portlab::StopHost("erl_drv_mutex_unlock: the mutex must not be NULL");
  mutex->Unlock("erl_drv_mutex_unlock");
}

char* erl_drv_mutex_name(ErlDrvMutex* mutex) {
  ApiCall call(ApiFunction::k_erl_drv_mutex_name);
  return mutex == nullptr ? nullptr : mutex->name();
}
