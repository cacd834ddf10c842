// The scheduler: a fixed number of threads, each with a run queue of Runnables; an idle thread
// steals. A thread that a driver never gives back stays stuck: its own queue is then served by the
// others, and StuckThreads says so.
//
// Threads: all functions from any thread. Ownership: owns its threads; runs borrowed Runnables
// (base/runnable.h). Order: with real threads the operating system decides; with the baton
// (base/order.h) the seed does, in which case the threads are still real but only one moves at a
// time. Source: otp_ports.md 5.2.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "base/atomic.h"
#include "base/order.h"
#include "base/ordered_thread.h"
#include "base/runnable.h"

namespace portlab {

class Scheduler : public RunQueue {
 public:
  explicit Scheduler(int threads);
  ~Scheduler() override;

  // `idle_wait` outlives the threads; null, as with the baton: an idle thread waits for what is
  // enqueued, and nothing else.
  void Start(IdleWait* idle_wait = nullptr);
  // Lets every thread finish what it runs, and joins it. When one is still inside a callback after
  // `patience`, joins none and returns how many there are: the process must end without destroying
  // the scheduler.
  int Stop(Nanos patience);

  void Enqueue(Runnable& runnable) override;

  // Instead of Start: the calling thread runs what has waited longest. False: nothing waits.
  bool RunNext();

  int threads() const { return static_cast<int>(lanes_.size()); }
  // Threads that have been inside one Run for longer than `limit`.
  int StuckThreads(Nanos limit) const;
  // Number of the scheduler thread this is (from 0), or -1 on any other thread.
  static int CurrentThread();

 private:
  struct Entry {
    Runnable* runnable;
    std::shared_ptr<void> keep_alive;
  };
  struct Lane {
    Mutex mutex;
    std::deque<Entry> queue GUARDED_BY(mutex);
    Atomic<std::size_t> length{0};
    std::atomic<Nanos> running_since{0};  // 0: not inside a Run
    std::atomic<bool> ended{false};
    OrderedThread thread;
  };

  void Loop(int index);
  void Rest();
  void WakeOne();
  bool Next(int index, Entry& entry);
  bool TakeFrom(Lane& lane, Entry& entry);
  void RunOne(int index, Entry entry);
  void Push(Entry entry);
  bool AnythingQueued() const;

  std::vector<std::unique_ptr<Lane>> lanes_;
  std::atomic<bool> stopping_{false};
  Atomic<std::uint32_t> next_lane_{0};
  Mutex idle_mutex_;
  Condition idle_;
  Atomic<int> sleeping_{0};
  IdleWait* idle_wait_ = nullptr;
};

}  // namespace portlab
