#include "scheduler/scheduler.h"

#include <string>
#include <utility>

#include "base/check.h"

namespace portlab {
namespace {

thread_local int current_thread = -1;

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

void Scheduler::Start() {
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
  {
    MutexLock lock(lane.mutex);
    lane.queue.push_back(std::move(entry));
    lane.length.store(lane.queue.size(), std::memory_order_seq_cst);
  }
  if (sleeping_.load(std::memory_order_seq_cst) > 0) {
    MutexLock lock(idle_mutex_);
    idle_.NotifyOne();
  }
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

void Scheduler::Loop(int index) {
  current_thread = index;
  Lane& lane = *lanes_[static_cast<std::size_t>(index)];
  while (!stopping_.load()) {
    Entry entry;
    if (Next(index, entry)) {
      RunOne(index, std::move(entry));
      Order::Point();
      continue;
    }
    MutexLock lock(idle_mutex_);
    sleeping_.fetch_add(1, std::memory_order_seq_cst);
    // A push between the look above and the announcement is seen here; a later one sees the
    // announcement.
    if (!AnythingQueued() && !stopping_.load()) idle_.Wait(idle_mutex_);
    sleeping_.fetch_sub(1, std::memory_order_seq_cst);
  }
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
