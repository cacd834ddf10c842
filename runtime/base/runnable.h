// What the scheduler runs. A process body and a port with tasks are Runnables; the scheduler knows
// nothing else of them. Ownership: a queued or running Runnable is kept alive by what its KeepAlive
// returned when it was queued; one that returns null is type-stable (a port) and outlives the
// scheduler. Threads: Run is called by one scheduler thread at a time.
#pragma once

#include <cstdint>
#include <memory>

#include "base/atomic.h"

namespace portlab {

class Runnable {
 public:
  virtual ~Runnable() = default;
  // Runs for at most about `reductions`; true when there is more to do now (it is queued again, at
  // the tail).
  virtual bool Run(int reductions) = 0;
  virtual std::shared_ptr<void> KeepAlive() { return nullptr; }

 private:
  friend class Scheduler;
  // Idle -> queued -> running -> (running and woken) : a Runnable is in at most one run queue, run
  // by one thread.
  Atomic<std::uint32_t> run_state_{0};
};

// How the areas that make things runnable reach the scheduler without knowing it.
class RunQueue {
 public:
  virtual ~RunQueue() = default;
  virtual void Enqueue(Runnable& runnable) = 0;
};

// What a scheduler thread does that has nothing to run: it waits for the outside world itself, so
// that what happens there is served without a hand-over. Threads: any number in all of them at
// once.
class IdleWait {
 public:
  virtual ~IdleWait() = default;
  // Until something was enqueued by it, or Wake.
  virtual void Wait() = 0;
  // One of the threads in Wait, or else the next, returns. Calls that nobody has answered yet are
  // one.
  virtual void Wake() = 0;
  // As Wait, but does not wait: of a thread that has much to run.
  virtual void Look() = 0;
};

// OTP's CONTEXT_REDS: what one process may do before the next runs (otp_ports.md 5.3).
inline constexpr int kContextReductions = 4000;

}  // namespace portlab
