#include "timer/timer_thread.h"

#include <utility>

namespace portlab {

void TimerThread::Start() {
  timers_.OnEarlier([this] { LookAgain(false); });
  thread_ = OrderedThread("timers", [this] { Loop(); });
}

void TimerThread::Stop() {
  LookAgain(true);
  thread_.Join();
}

void TimerThread::Loop() {
  do {
    timers_.AdvanceTo(MonotonicNow());
  } while (AwaitNext());
}

void TimerThread::LookAgain(bool stop) {
  MutexLock lock(mutex_);
  look_again_ = true;
  stopping_ = stopping_ || stop;
  condition_.NotifyOne();
}

bool TimerThread::AwaitNext() {
  MutexLock lock(mutex_);
  if (!look_again_) condition_.WaitUntil(mutex_, timers_.NextDeadline().value_or(kForever));
  look_again_ = false;
  return !stopping_;
}

}  // namespace portlab
