// std::mutex with the annotations that let clang's -Wthread-safety check every locked access.
//
// These are the SHORT locks: held for a few instructions, never across a driver callback, a system
// call that may wait, or a hand-over of the baton. Waiting is done with Condition (base/order.h);
// long locks are OrderedMutex (base/order.h). Lock order: runtime/ARCHITECTURE.md, "Locks".
#pragma once

#include <mutex>

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

class CAPABILITY("mutex") Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  void Lock() ACQUIRE() { mutex_.lock(); }
  void Unlock() RELEASE() { mutex_.unlock(); }
  bool TryLock() TRY_ACQUIRE(true) { return mutex_.try_lock(); }

 private:
  friend class Condition;
  std::mutex mutex_;
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
