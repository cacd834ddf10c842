// The thread that fires timers when they are due, with real threads: it sleeps until the next one.
//
// Threads: Start and Stop by one; the timers may be used from any meanwhile. Ownership: `timers`
// outlives this. Source: otp_ports.md 5.8.
#pragma once

#include "base/order.h"
#include "base/ordered_thread.h"
#include "timer/timer_service.h"

namespace portlab {

class TimerThread {
 public:
  explicit TimerThread(TimerService& timers) : timers_(timers) {}
  // Takes OnEarlier.
  void Start();
  // Joins it; nothing, when it was not started.
  void Stop();

 private:
  void Loop();
  void LookAgain(bool stop) EXCLUDES(mutex_);
  // False: it is to end.
  bool AwaitNext() EXCLUDES(mutex_);

  TimerService& timers_;
  Mutex mutex_;
  Condition condition_;
  bool look_again_ GUARDED_BY(mutex_) = false;
  bool stopping_ GUARDED_BY(mutex_) = false;
  OrderedThread thread_;
};

}  // namespace portlab
