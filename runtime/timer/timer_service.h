// Deadlines, and what to do at them. Knows no ports and no clock: whoever polls asks NextDeadline
// and calls AdvanceTo.
//
// `fire` only enqueues (posts a port event, wakes a process): it runs on the polling thread,
// without the lock of the service, and may call the service. Equal deadlines fire in the order they
// were started. A timer fires once.
//
// Threads: all functions from any thread; OnEarlier before the first Start. Units: MonotonicNow's
// nanoseconds. Source: erl_driver(3erl) driver_set_timer; otp_ports.md 5.8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/mutex.h"
#include "base/order.h"

namespace portlab {

// Never 0, never reused.
using TimerId = std::uint64_t;

class TimerService {
 public:
  TimerService() = default;
  TimerService(const TimerService&) = delete;
  TimerService& operator=(const TimerService&) = delete;

  // A deadline that has passed fires at the next AdvanceTo.
  TimerId Start(Nanos deadline, std::function<void()> fire) EXCLUDES(mutex_);
  // False when it has fired (or is just about to, on another thread) or was cancelled before.
  bool Cancel(TimerId id) EXCLUDES(mutex_);
  // When it is due; nothing when it has fired or was cancelled.
  std::optional<Nanos> DeadlineOf(TimerId id) const EXCLUDES(mutex_);

  std::optional<Nanos> NextDeadline() const EXCLUDES(mutex_);
  // Fires what is due at `now`; how many. What a `fire` starts has to wait for the next call.
  std::size_t AdvanceTo(Nanos now) EXCLUDES(mutex_);

  // Called, without the lock, when a timer was started that is due before all others: the poller
  // must look again.
  void OnEarlier(std::function<void()> hook) { earlier_ = std::move(hook); }

 private:
  // Identifiers grow, so they also break ties.
  using Due = std::pair<Nanos, TimerId>;

  mutable Mutex mutex_;
  std::map<Due, std::function<void()>> queue_ GUARDED_BY(mutex_);
  std::unordered_map<TimerId, Nanos> deadlines_ GUARDED_BY(mutex_);
  TimerId last_id_ GUARDED_BY(mutex_) = 0;
  std::function<void()> earlier_;
};

}  // namespace portlab
