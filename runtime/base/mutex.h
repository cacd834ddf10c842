// A mutex of one word, with the annotations that let clang's -Wthread-safety check every locked
// access.
//
// These are the SHORT locks: held for a few instructions, never across a driver callback, a system
// call that may wait, or a hand-over of the baton. Waiting is done with Condition (base/order.h);
// long locks are OrderedMutex (base/order.h). Lock order: runtime/ARCHITECTURE.md, "Locks".
//
// Without contention a lock is one instruction inline, where std::mutex is a call into libc and ten
// times the memory: every port has short locks, and most of them are taken by one thread only. With
// contention it is a futex. ThreadSanitizer is told of it as a mutex, so that it still sees locks
// taken in different orders.
#pragma once

#include <cstdint>

#include "base/atomic.h"
#include "base/sanitizer.h"

#if defined(PORTLAB_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

#if defined(__clang__)
#define PORTLAB_TSA(x) __attribute__((x))
#else
#define PORTLAB_TSA(x)
#endif
#define CAPABILITY(x) PORTLAB_TSA(capability(x))
#define SCOPED_CAPABILITY PORTLAB_TSA(scoped_lockable)
#define GUARDED_BY(x) PORTLAB_TSA(guarded_by(x))
#define REQUIRES(...) PORTLAB_TSA(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) PORTLAB_TSA(locks_excluded(__VA_ARGS__))
#define ACQUIRE(...) PORTLAB_TSA(acquire_capability(__VA_ARGS__))
#define RELEASE(...) PORTLAB_TSA(release_capability(__VA_ARGS__))
#define TRY_ACQUIRE(...) PORTLAB_TSA(try_acquire_capability(__VA_ARGS__))
#define NO_THREAD_SAFETY_ANALYSIS PORTLAB_TSA(no_thread_safety_analysis)

namespace portlab {

// Free, held, or held while others (perhaps) wait: Drepper's third mutex.
class FutexWord {
 public:
  bool TryTake() {
    std::uint32_t expected = kFree;
    return state_.compare_exchange_strong(expected, kHeld, std::memory_order_acquire,
                                          std::memory_order_relaxed);
  }
  // For who found it held: takes it when it is free, and expects that others wait. False: still
  // held; the holder knows that it will have to wake somebody.
  bool TakeWaiting() {
    return state_.exchange(kHeldWithWaiters, std::memory_order_acquire) == kFree;
  }
  // True: somebody may wait for it. Nothing of the word is touched after it is free.
  bool Free() { return state_.exchange(kFree, std::memory_order_release) == kHeldWithWaiters; }

  void SleepWhileHeld();
  // Only the address counts: what was here may be gone by now.
  static void WakeOne(const FutexWord* word);

 private:
  enum : std::uint32_t { kFree = 0, kHeld = 1, kHeldWithWaiters = 2 };
  Atomic<std::uint32_t> state_{kFree};
};

class CAPABILITY("mutex") Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
#if defined(PORTLAB_TSAN)
  ~Mutex() { __tsan_mutex_destroy(this, 0); }
#endif

  void Lock() ACQUIRE() {
#if defined(PORTLAB_TSAN)
    __tsan_mutex_pre_lock(this, 0);
#endif
    if (!word_.TryTake()) [[unlikely]]
      LockSlow();
#if defined(PORTLAB_TSAN)
    __tsan_mutex_post_lock(this, 0, 0);
#endif
  }
  void Unlock() RELEASE() {
#if defined(PORTLAB_TSAN)
    __tsan_mutex_pre_unlock(this, 0);
#endif
    if (word_.Free()) [[unlikely]]
      FutexWord::WakeOne(&word_);
#if defined(PORTLAB_TSAN)
    __tsan_mutex_post_unlock(this, 0);
#endif
  }

 private:
  void LockSlow();
  FutexWord word_;
};

class SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.Lock(); }
  ~MutexLock() RELEASE() { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace portlab
