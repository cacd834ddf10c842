// The async threads of a runtime (+A): they run async_invoke of a driver away from the schedulers
// and post the finished job to its port, which calls ready_async.
//
// Jobs with one key, or one queue, run one after another in the order of Submit. When the port is
// gone, its job's `free` is called here, without any port lock, in place of ready_async.
//
// Threads: Submit and pending from any thread; Stop and the destructor by the owner. The pool's own
// threads have all signals blocked and wait through base/order.h, so the baton covers them.
// Ownership: of `data`, the driver's until Submit; then the pool's; then the receiver's of the
// kAsyncDone event. Errors: bad_alloc from Submit leaves the job with the caller; std::system_error
// from the constructor. Source: erl_driver(3erl) driver_async; otp_ports.md 5.6.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "base/event_sink.h"
#include "base/mutex.h"
#include "base/order.h"
#include "base/ordered_thread.h"

namespace portlab {

struct AsyncJob {
  PortId port;
  void (*invoke)(void*) = nullptr;
  void* data = nullptr;
  void (*free)(void*) = nullptr;     // may be null
  std::uint64_t id = 0;              // given by Submit
  std::shared_ptr<void> keep_alive;  // the driver stays loaded for as long as the job exists
};

class AsyncPool {
 public:
  static constexpr int kMaxThreads = 1024;

  // REQUIRES: 1 <= threads <= kMaxThreads. `sink` outlives the pool.
  AsyncPool(int threads, PortEventSink& sink);
  ~AsyncPool() { Stop(); }
  AsyncPool(const AsyncPool&) = delete;
  AsyncPool& operator=(const AsyncPool&) = delete;

  // The job's id, from 1. Its queue is *key (which becomes the queue's number) or, without a key,
  // its id, modulo the number of threads. -1 after Stop: the job stays the caller's.
  long Submit(unsigned* key, AsyncJob job);

  // Jobs submitted and neither posted nor dropped yet.
  std::size_t pending() const { return pending_.load(std::memory_order_acquire); }
  int threads() const { return static_cast<int>(queues_.size()); }

  // Runs what is queued, and joins. Jobs submitted meanwhile are refused.
  void Stop();

 private:
  struct Queue {
    Mutex mutex;
    Condition changed;
    std::deque<std::unique_ptr<AsyncJob>> jobs GUARDED_BY(mutex);
    bool stopping GUARDED_BY(mutex) = false;
  };

  void Work(Queue& queue);
  static std::unique_ptr<AsyncJob> Take(Queue& queue);
  void Finish(std::unique_ptr<AsyncJob> job);

  PortEventSink& sink_;
  std::atomic<std::uint64_t> last_id_{0};
  std::atomic<std::size_t> pending_{0};
  std::vector<std::unique_ptr<Queue>> queues_;
  std::vector<OrderedThread> threads_;
};

}  // namespace portlab
