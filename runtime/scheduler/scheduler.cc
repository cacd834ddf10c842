#include "scheduler/scheduler.h"

#include <string>
#include <utility>

#include "base/check.h"

namespace portlab {
namespace {

thread_local int current_thread = -1;
// Inside IdleWait::Wait: what it enqueues it will run itself.
thread_local bool resting = false;

// A thread that always has something to run looks at the outside world every so often.
constexpr int kRunsBetweenLooks = 64;

// Values of Runnable::run_state_.
enum : std::uint32_t { kIdle = 0, kQueued = 1, kRunning = 2, kRunningAndWoken = 3 };

}  // namespace

Scheduler::Scheduler(int threads) {
  PORTLAB_CHECK(threads >= 1, "a scheduler needs a thread");
  for (int i = 0; i < threads; ++i) lanes_.push_back(std::make_unique<Lane>());
}

Scheduler::~Scheduler() {
  const int inside = Stop(kForever);
  PORTLAB_CHECK(inside == 0, "a scheduler thread is still inside a callback");
}

void Scheduler::Start(IdleWait* idle_wait) {
  idle_wait_ = idle_wait;
  for (int i = 0; i < threads(); ++i) {
    const std::string name = "scheduler " + std::to_string(i + 1);
    lanes_[static_cast<std::size_t>(i)]->thread =
        OrderedThread(name.c_str(), [this, i] { Loop(i); });
  }
}

int Scheduler::Stop(Nanos patience) {
  stopping_.store(true);
  {
    MutexLock lock(idle_mutex_);
    idle_.NotifyAll();
  }
  if (idle_wait_ != nullptr) idle_wait_->Wake();  // and each wakes the next
  const Nanos deadline = patience == kForever ? kForever : MonotonicNow() + patience;
  int inside = 0;
  {
    MutexLock lock(idle_mutex_);
    for (auto& lane : lanes_) {
      while (lane->thread.joinable() && !lane->ended.load() &&
             idle_.WaitUntil(idle_mutex_, deadline)) {
      }
      if (lane->thread.joinable() && !lane->ended.load()) ++inside;
    }
  }
  if (inside != 0) return inside;
  for (auto& lane : lanes_) lane->thread.Join();
  idle_wait_ = nullptr;  // which may go before this does
  return 0;
}

int Scheduler::CurrentThread() { return current_thread; }

void Scheduler::Enqueue(Runnable& runnable) {
  std::uint32_t state = runnable.run_state_.load(std::memory_order_relaxed);
  for (;;) {
    std::uint32_t next;
    if (state == kIdle) {
      next = kQueued;
    } else if (state == kRunning) {
      next = kRunningAndWoken;
    } else {
      // Already going to run. The release below makes what the caller wrote visible to that run.
      next = state;
    }
    if (runnable.run_state_.compare_exchange_weak(state, next, std::memory_order_acq_rel)) break;
  }
  if (state == kIdle) Push({&runnable, runnable.KeepAlive()});
}

void Scheduler::Push(Entry entry) {
  const int here = current_thread;
  const std::size_t index =
      here >= 0 ? static_cast<std::size_t>(here)
                : next_lane_.fetch_add(1, std::memory_order_relaxed) % lanes_.size();
  Lane& lane = *lanes_[index];
  std::size_t length = 0;
  {
    MutexLock lock(lane.mutex);
    lane.queue.push_back(std::move(entry));
    length = lane.queue.size();
    lane.length.store(length, std::memory_order_seq_cst);
  }
  const int sleeping = sleeping_.load(std::memory_order_seq_cst);
  if (resting ? sleeping > 1 && length > 1 : sleeping > 0) WakeOne();
}

void Scheduler::WakeOne() {
  if (idle_wait_ != nullptr) return idle_wait_->Wake();
  MutexLock lock(idle_mutex_);
  idle_.NotifyOne();
}

bool Scheduler::TakeFrom(Lane& lane, Entry& entry) {
  if (lane.length.load(std::memory_order_relaxed) == 0) return false;
  MutexLock lock(lane.mutex);
  if (lane.queue.empty()) return false;
  entry = std::move(lane.queue.front());
  lane.queue.pop_front();
  lane.length.store(lane.queue.size(), std::memory_order_seq_cst);
  return true;
}

bool Scheduler::Next(int index, Entry& entry) {
  const std::size_t own = static_cast<std::size_t>(index);
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (TakeFrom(*lanes_[(own + i) % lanes_.size()], entry)) return true;
  }
  return false;
}

bool Scheduler::RunNext() {
  Entry entry;
  if (!Next(0, entry)) return false;
  RunOne(0, std::move(entry));
  return true;
}

bool Scheduler::AnythingQueued() const {
  for (const auto& lane : lanes_) {
    if (lane->length.load(std::memory_order_seq_cst) != 0) return true;
  }
  return false;
}

void Scheduler::RunOne(int index, Entry entry) {
  Lane& lane = *lanes_[static_cast<std::size_t>(index)];
  auto& state = entry.runnable->run_state_;
  // Acquires what every Enqueue so far has published.
  state.exchange(kRunning, std::memory_order_acq_rel);
  lane.running_since.store(MonotonicNow(), std::memory_order_relaxed);
  const bool more = entry.runnable->Run(kContextReductions);
  lane.running_since.store(0, std::memory_order_relaxed);
  if (!more) {
    std::uint32_t expected = kRunning;
    if (state.compare_exchange_strong(expected, kIdle, std::memory_order_acq_rel)) return;
  }
  state.store(kQueued, std::memory_order_seq_cst);
  Push(std::move(entry));
}

// A push between the caller's look and the announcement is seen here; a later one sees the
// announcement.
void Scheduler::Rest() {
  if (idle_wait_ != nullptr) {
    sleeping_.fetch_add(1, std::memory_order_seq_cst);
    if (!AnythingQueued() && !stopping_.load()) {
      resting = true;
      idle_wait_->Wait();
      resting = false;
    }
    sleeping_.fetch_sub(1, std::memory_order_seq_cst);
    return;
  }
  MutexLock lock(idle_mutex_);
  sleeping_.fetch_add(1, std::memory_order_seq_cst);
  if (!AnythingQueued() && !stopping_.load()) idle_.Wait(idle_mutex_);
  sleeping_.fetch_sub(1, std::memory_order_seq_cst);
}

void Scheduler::Loop(int index) {
  current_thread = index;
  Lane& lane = *lanes_[static_cast<std::size_t>(index)];
  int runs = 0;
  bool rested = false;
  while (!stopping_.load()) {
    Entry entry;
    if (!Next(index, entry)) {
      Rest();
      rested = true;
      continue;
    }
    // Its own wake-up may have stood for several.
    if (std::exchange(rested, false) && idle_wait_ != nullptr && AnythingQueued() &&
        sleeping_.load(std::memory_order_seq_cst) > 0) {
      WakeOne();
    }
    RunOne(index, std::move(entry));
    Order::Point();
    if (idle_wait_ != nullptr && ++runs % kRunsBetweenLooks == 0) idle_wait_->Look();
  }
  if (idle_wait_ != nullptr) idle_wait_->Wake();
  MutexLock lock(idle_mutex_);
  lane.ended.store(true);
  idle_.NotifyAll();
}

int Scheduler::StuckThreads(Nanos limit) const {
  const Nanos now = MonotonicNow();
  int stuck = 0;
  for (const auto& lane : lanes_) {
    const Nanos since = lane->running_since.load(std::memory_order_relaxed);
    if (since != 0 && now - since > limit) ++stuck;
  }
  return stuck;
}

}  // namespace portlab
