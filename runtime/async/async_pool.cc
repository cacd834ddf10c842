#include "async/async_pool.h"

#include <chrono>
#include <utility>

#include "base/black_box.h"
#include "base/callback_kind.h"
#include "base/check.h"

namespace portlab {
namespace {

// Real time even with the baton: the parent that reads the black box has no virtual clock.
std::int64_t RealNanoseconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

void Invoke(const AsyncJob& job) {
  BlackBox& box = BlackBox::Get();
  box.port.store(job.port.number, std::memory_order_relaxed);
  box.entered_at.store(RealNanoseconds(), std::memory_order_relaxed);
  box.callback.store(static_cast<std::uint32_t>(CallbackKind::kAsyncInvoke),
                     std::memory_order_relaxed);
  box.CallbackEntered();
  job.invoke(job.data);
  box.CallbackLeft();
}

}  // namespace

AsyncPool::AsyncPool(int threads, PortEventSink& sink) : sink_(sink) {
  PORTLAB_CHECK(threads >= 1 && threads <= kMaxThreads, "an impossible number of async threads");
  for (int i = 0; i < threads; ++i) queues_.push_back(std::make_unique<Queue>());
  threads_.reserve(queues_.size());
  try {
    for (const auto& queue : queues_) {
      threads_.emplace_back("async", [this, &queue = *queue] { Work(queue); });
    }
  } catch (...) {
    Stop();
    throw;
  }
}

long AsyncPool::Submit(unsigned* key, AsyncJob job) {
  auto owned = std::make_unique<AsyncJob>(std::move(job));
  const std::uint64_t id = last_id_.fetch_add(1, std::memory_order_relaxed) + 1;
  owned->id = id;
  const std::size_t index = (key == nullptr ? id : *key) % queues_.size();
  if (key != nullptr) *key = static_cast<unsigned>(index);
  Queue& queue = *queues_[index];
  const MutexLock lock(queue.mutex);
  if (queue.stopping) return -1;
  queue.jobs.push_back(std::move(owned));
  pending_.fetch_add(1, std::memory_order_relaxed);
  queue.changed.NotifyOne();
  return static_cast<long>(id);
}

void AsyncPool::Stop() {
  for (const auto& queue : queues_) {
    const MutexLock lock(queue->mutex);
    queue->stopping = true;
    queue->changed.NotifyAll();
  }
  for (OrderedThread& thread : threads_) thread.Join();
  threads_.clear();
}

void AsyncPool::Work(Queue& queue) {
  while (std::unique_ptr<AsyncJob> job = Take(queue)) {
    Order::Point();
    Invoke(*job);
    Order::Point();
    Finish(std::move(job));
    pending_.fetch_sub(1, std::memory_order_release);
  }
}

// Null: the pool stops and the queue is empty.
std::unique_ptr<AsyncJob> AsyncPool::Take(Queue& queue) {
  const MutexLock lock(queue.mutex);
  while (queue.jobs.empty()) {
    if (queue.stopping) return nullptr;
    queue.changed.Wait(queue.mutex);
  }
  std::unique_ptr<AsyncJob> job = std::move(queue.jobs.front());
  queue.jobs.pop_front();
  return job;
}

void AsyncPool::Finish(std::unique_ptr<AsyncJob> job) {
  PortEvent event{PortEventKind::kAsyncDone};
  event.serial = job->id;
  event.payload = job.get();
  const PortId port = job->port;
  if (sink_.Post(port, event)) {
    // The receiver's now, and perhaps freed already.
    static_cast<void>(job.release());
    return;
  }
  if (job->free != nullptr) job->free(job->data);
}

}  // namespace portlab
