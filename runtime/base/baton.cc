#include "base/baton.h"

#include <algorithm>

#include "base/black_box.h"
#include "base/check.h"

namespace portlab {
namespace {

constexpr Nanos kPollCost = 10'000;

using State = BatonOrder::Context::State;

}  // namespace

BatonOrder::~BatonOrder() {
  PORTLAB_CHECK(contexts_.empty(), "the baton was uninstalled before all threads had left");
}

BatonOrder::Context* BatonOrder::Expect(const char* name, bool guest) {
  auto context = std::make_unique<Context>();
  context->name = name;
  context->guest = guest;
  const Lock lock(mutex_);
  context->ordinal = next_ordinal_++;
  contexts_.push_back(std::move(context));
  runnable_.fetch_add(1, std::memory_order_relaxed);
  return contexts_.back().get();
}

void BatonOrder::Enter(Context* self) {
  Lock lock(mutex_);
  if (current_ == nullptr) HandOn();
  AwaitTurn(lock, self);
}

void BatonOrder::Leave(Context* self) {
  const Lock lock(mutex_);
  // A guest goes on without a place, and may wake the others yet.
  const bool report_deadlock = !self->guest;
  if (current_ == self) current_ = nullptr;
  SetState(*self, State::kOutside);
  std::erase_if(contexts_, [self](const auto& context) { return context.get() == self; });
  if (current_ == nullptr) HandOn(report_deadlock);
}

void BatonOrder::SetState(Context& context, Context::State state) {
  const int change =
      (state == State::kRunnable ? 1 : 0) - (context.state == State::kRunnable ? 1 : 0);
  context.state = state;
  if (change != 0) runnable_.fetch_add(change, std::memory_order_relaxed);
}

void BatonOrder::Point(Context* self) {
  // Nobody to choose from, and who becomes runnable just now might as well a moment later.
  if (runnable_.load(std::memory_order_relaxed) == 0) return CountTurn(*self);
  Lock lock(mutex_);
  if (current_ == self && !AnotherIsRunnable()) {
    GoOn(self);
    return;
  }
  SetState(*self, State::kRunnable);
  PassOn(self);
  AwaitTurn(lock, self);
}

bool BatonOrder::Wait(Context* self, const void* condition, Mutex& mutex, Nanos deadline) {
  {
    Lock lock(mutex_);
    self->timed_out = deadline <= now();
    SetState(*self, self->timed_out ? State::kRunnable : State::kWaiting);
    self->condition = condition;
    self->deadline = deadline;
    // Not earlier: a notifier takes `mutex` first, and finds this thread already waiting.
    mutex.Unlock();
    PassOn(self);
    AwaitTurn(lock, self);
    self->condition = nullptr;
    self->deadline = kForever;
  }
  mutex.Lock();
  return !self->timed_out;
}

void BatonOrder::Notify(const void* condition, bool all) {
  const Lock lock(mutex_);
  std::vector<Context*> waiters;
  for (const auto& context : contexts_) {
    if (context->state == State::kWaiting && context->condition == condition) {
      waiters.push_back(context.get());
    }
  }
  if (waiters.empty()) return;
  if (!all && waiters.size() > 1) waiters = {waiters[random_.Below(waiters.size())]};
  for (Context* waiter : waiters) SetState(*waiter, State::kRunnable);
  if (current_ == nullptr) HandOn();
}

Idle BatonOrder::WaitIdle(Context* self, Nanos deadline, bool has_fds) {
  Lock lock(mutex_);
  SetState(*self, State::kIdle);
  self->idling = true;
  self->deadline = deadline;
  self->has_fds = has_fds;
  PassOn(self);
  AwaitTurn(lock, self);
  self->idling = false;
  self->deadline = kForever;
  return self->idle;
}

void BatonOrder::WakeIdle() {
  const Lock lock(mutex_);
  progress_.fetch_add(1, std::memory_order_relaxed);
  if (current_ == nullptr) HandOn();
}

void BatonOrder::GoOutside(Context* self) {
  const Lock lock(mutex_);
  OneAtATime::OneGoesOutside();
  SetState(*self, State::kOutside);
  PassOn(self);
}

void BatonOrder::ComeBack(Context* self) {
  Lock lock(mutex_);
  SetState(*self, State::kRunnable);
  if (current_ == nullptr) HandOn();
  AwaitTurn(lock, self);
  OneAtATime::OneIsBack();
}

void BatonOrder::CountForeignHolder(int change) {
  const Lock lock(mutex_);
  foreign_holders_ += change;
}

void BatonOrder::CountRealWorld(int change) {
  const Lock lock(mutex_);
  real_world_ += change;
}

std::uint64_t BatonOrder::Choose(std::uint64_t bound) {
  const Lock lock(mutex_);
  return random_.Below(bound);
}

std::uint64_t BatonOrder::digest() {
  const Lock lock(mutex_);
  return digest_.load(std::memory_order_relaxed);
}

// A guest may come here without the baton, while another thread has it.
void BatonOrder::PassOn(Context* self) {
  if (current_ == self) current_ = nullptr;
  if (current_ == nullptr) HandOn();
}

void BatonOrder::AwaitTurn(Lock& lock, Context* self) {
  self->turn.wait(lock, [this, self] { return current_ == self; });
}

void BatonOrder::HandOn(bool report_deadlock) {
  if (contexts_.empty()) return;
  for (;;) {
    Context* next = PickRunnable();
    if (next == nullptr) next = PickIdle();
    if (next == nullptr) next = PickBriefly();
    // The poller waits for the real world right now: it comes back, and time with it.
    if (next == nullptr && real_world_ > 0 && SomebodyOutside()) return;
    if (next == nullptr && JumpToNextDeadline()) continue;
    if (next == nullptr) next = PickBlocking();
    if (next != nullptr) return Resume(next);
    if (report_deadlock && !SomebodyOutside()) ReportDeadlock();
    return;
  }
}

BatonOrder::Context* BatonOrder::PickRunnable() {
  std::size_t count = 0;
  for (const auto& context : contexts_) count += context->state == State::kRunnable ? 1 : 0;
  if (count == 0) return nullptr;
  std::size_t skip = count == 1 ? 0 : random_.Below(count);
  for (const auto& context : contexts_) {
    if (context->state == State::kRunnable && skip-- == 0) return context.get();
  }
  return nullptr;
}

BatonOrder::Context* BatonOrder::PickIdle() {
  for (const auto& context : contexts_) {
    if (context->state != State::kIdle ||
        context->seen_progress == progress_.load(std::memory_order_relaxed))
      continue;
    const Nanos after_poll = std::min(now() + kPollCost, EarliestDeadline());
    now_.store(std::max(now(), after_poll), std::memory_order_relaxed);
    context->idle = context->deadline <= now() ? Idle::kDeadline : Idle::kPoll;
    return context.get();
  }
  return nullptr;
}

BatonOrder::Context* BatonOrder::PickBlocking() {
  for (const auto& context : contexts_) {
    if (context->state != State::kIdle || !context->has_fds) continue;
    context->idle = Idle::kMayBlock;
    return context.get();
  }
  return nullptr;
}

bool BatonOrder::JumpToNextDeadline() {
  const Nanos earliest = EarliestDeadline();
  if (earliest == kForever) return false;
  now_.store(std::max(now(), earliest), std::memory_order_relaxed);
  ReleaseDue();
  return true;
}

void BatonOrder::ReleaseDue() {
  for (const auto& context : contexts_) {
    if (context->state != State::kWaiting && context->state != State::kIdle) continue;
    if (context->deadline > now()) continue;
    SetState(*context, State::kRunnable);
    context->timed_out = true;
    context->idle = Idle::kDeadline;
  }
}

BatonOrder::Context* BatonOrder::PickBriefly() {
  if (real_world_ == 0) return nullptr;
  Context* poller = PickBlocking();
  if (poller == nullptr) return nullptr;
  now_.store(std::max(now(), std::min(now() + kMillisecond, EarliestDeadline())),
             std::memory_order_relaxed);
  const bool due = poller->deadline <= now();
  ReleaseDue();
  poller->idle = due ? Idle::kDeadline : Idle::kBriefly;
  return poller;
}

Nanos BatonOrder::EarliestDeadline() const {
  Nanos earliest = kForever;
  for (const auto& context : contexts_) {
    if (context->state == State::kWaiting || context->state == State::kIdle) {
      earliest = std::min(earliest, context->deadline);
    }
  }
  return earliest;
}

bool BatonOrder::SomebodyOutside() const {
  return foreign_holders_ > 0 || std::any_of(contexts_.begin(), contexts_.end(), [](const auto& c) {
           return c->state == State::kOutside;
         });
}

bool BatonOrder::AnotherIsRunnable() const {
  return std::any_of(contexts_.begin(), contexts_.end(),
                     [](const auto& context) { return context->state == State::kRunnable; });
}

void BatonOrder::GoOn(Context* next) {
  SetState(*next, State::kRunning);
  CountTurn(*next);
  if (next->idling) next->seen_progress = progress_.load(std::memory_order_relaxed);
}

void BatonOrder::CountTurn(const Context& of) {
  if (!of.idling) progress_.fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t before = digest_.load(std::memory_order_relaxed);
  digest_.store((before ^ of.ordinal) * 0x100000001b3u, std::memory_order_relaxed);
}

void BatonOrder::Resume(Context* next) {
  GoOn(next);
  current_ = next;
  next->turn.notify_one();
}

void BatonOrder::ReportDeadlock() const {
  std::string text = "deadlock: every thread waits: ";
  for (const auto& context : contexts_) {
    if (context != contexts_.front()) text += ", ";
    text += context->name;
  }
  StopHost(text.c_str());
}

}  // namespace portlab
