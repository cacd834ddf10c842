// Read/write locks for drivers. A waiting writer goes before new readers, so that readers cannot
// starve it. Source: erl_driver(3erl) erl_drv_rwlock_create …
#include <erl_driver.h>

#include <cerrno>
#include <string>
#include <thread>

#include "base/order.h"
#include "driver/contract.h"
#include "driver_api/api_call.h"
#include "driver_api/named_object.h"

using portlab::ApiCall;
using portlab::ApiFunction;
using portlab::Misuse;
using portlab::MutexLock;
using portlab::StopHost;

struct ErlDrvRWLock_ {
 public:
  explicit ErlDrvRWLock_(const char* name) : name_(portlab::NameOrUnknown(name)) {}
  ErlDrvRWLock_(const ErlDrvRWLock_&) = delete;
  ErlDrvRWLock_& operator=(const ErlDrvRWLock_&) = delete;

  void LockForReading() {
    portlab::Order::Point();
    const MutexLock lock(guard_);
    while (written_ || waiting_writers_ > 0) released_.Wait(guard_);
    ++readers_;
  }

  bool TryLockForReading() {
    portlab::Order::Point();
    const MutexLock lock(guard_);
    if (written_ || waiting_writers_ > 0) return false;
    ++readers_;
    return true;
  }

  void UnlockAfterReading() {
    const MutexLock lock(guard_);
    if (readers_ == 0) {
      Misuse("erl_drv_rwlock_runlock: nobody holds the lock for reading");
      return;
    }
    if (--readers_ == 0) released_.NotifyAll();
  }

  void LockForWriting() {
    portlab::Order::Point();
    const MutexLock lock(guard_);
    ++waiting_writers_;
    while (written_ || readers_ > 0) released_.Wait(guard_);
    --waiting_writers_;
    written_ = true;
    writer_ = std::this_thread::get_id();
  }

  bool TryLockForWriting() {
    portlab::Order::Point();
    const MutexLock lock(guard_);
    if (written_ || readers_ > 0) return false;
    written_ = true;
    writer_ = std::this_thread::get_id();
    return true;
  }

  void UnlockAfterWriting() {
    const MutexLock lock(guard_);
    if (!written_ || writer_ != std::this_thread::get_id()) {
      Misuse("erl_drv_rwlock_rwunlock: this thread does not hold the lock for writing");
    }
    written_ = false;
    released_.NotifyAll();
  }

  bool IsHeld() {
    const MutexLock lock(guard_);
    return written_ || readers_ > 0;
  }

  char* name() { return name_.data(); }

 private:
  portlab::Mutex guard_;
  portlab::Condition released_;
  int readers_ GUARDED_BY(guard_) = 0;
  int waiting_writers_ GUARDED_BY(guard_) = 0;
  bool written_ GUARDED_BY(guard_) = false;
  std::thread::id writer_ GUARDED_BY(guard_);
  std::string name_;
};

ErlDrvRWLock* erl_drv_rwlock_create(char* name) {
  ApiCall call(ApiFunction::k_erl_drv_rwlock_create);
  return portlab::NewOrNull<ErlDrvRWLock_>(name);
}

void erl_drv_rwlock_destroy(ErlDrvRWLock* rwlock) {
  ApiCall call(ApiFunction::k_erl_drv_rwlock_destroy);
  if (rwlock == nullptr) StopHost("erl_drv_rwlock_destroy: the lock must not be NULL");
  if (rwlock->IsHeld()) StopHost("erl_drv_rwlock_destroy: the lock is held");
  delete rwlock;
}

int erl_drv_rwlock_tryrlock(ErlDrvRWLock* rwlock) {
  ApiCall call(ApiFunction::k_erl_drv_rwlock_tryrlock);
  if (rwlock == nullptr) StopHost("erl_drv_rwlock_tryrlock: the lock must not be NULL");
  return rwlock->TryLockForReading() ? 0 : EBUSY;
}

void erl_drv_rwlock_rlock(ErlDrvRWLock* rwlock) {
  ApiCall call(ApiFunction::k_erl_drv_rwlock_rlock);
  if (rwlock == nullptr) StopHost("erl_drv_rwlock_rlock: the lock must not be NULL");
  rwlock->LockForReading();
}

void erl_drv_rwlock_runlock(ErlDrvRWLock* rwlock) {
  ApiCall call(ApiFunction::k_erl_drv_rwlock_runlock);
  if (rwlock == nullptr) StopHost("erl_drv_rwlock_runlock: the lock must not be NULL");
  rwlock->UnlockAfterReading();
}

int erl_drv_rwlock_tryrwlock(ErlDrvRWLock* rwlock) {
  ApiCall call(ApiFunction::k_erl_drv_rwlock_tryrwlock);
  if (rwlock == nullptr) StopHost("erl_drv_rwlock_tryrwlock: the lock must not be NULL");
  return rwlock->TryLockForWriting() ? 0 : EBUSY;
}

void erl_drv_rwlock_rwlock(ErlDrvRWLock* rwlock) {
  ApiCall call(ApiFunction::k_erl_drv_rwlock_rwlock);
  if (rwlock == nullptr) StopHost("erl_drv_rwlock_rwlock: the lock must not be NULL");
  rwlock->LockForWriting();
}

void erl_drv_rwlock_rwunlock(ErlDrvRWLock* rwlock) {
  ApiCall call(ApiFunction::k_erl_drv_rwlock_rwunlock);
  if (rwlock == nullptr) StopHost("erl_drv_rwlock_rwunlock: the lock must not be NULL");
  rwlock->UnlockAfterWriting();
}

char* erl_drv_rwlock_name(ErlDrvRWLock* rwlock) {
  ApiCall call(ApiFunction::k_erl_drv_rwlock_name);
  return rwlock == nullptr ? nullptr : rwlock->name();
}
