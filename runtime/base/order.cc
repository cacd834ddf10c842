#include "base/order.h"

#include <time.h>

#include <memory>
#include <utility>

#include "base/baton.h"
#include "base/check.h"
#include "base/random.h"

namespace portlab {
namespace {

std::atomic<BatonOrder*> installed{nullptr};

// Its address names the thread, for OrderedMutex.
thread_local char thread_marker;
// How many OrderedMutexes this thread locked with the baton in force but without a place in the
// order.
thread_local int foreign_locks = 0;
// The place this thread left for an OutsideOrder scope.
thread_local BatonOrder::Context* place_left = nullptr;

std::uintptr_t ThisThread() { return reinterpret_cast<std::uintptr_t>(&thread_marker); }

// Gives a thread that has not joined a place for the time of one call.
class Visit {
 public:
  Visit(BatonOrder& baton, const char* name) : baton_(baton), place_(BatonOrder::Mine()) {
    if (place_ == nullptr) place_ = guest_ = baton.Expect(name, /*guest=*/true);
  }
  ~Visit() {
    if (guest_ != nullptr) baton_.Leave(guest_);
  }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  BatonOrder::Context* place() const { return place_; }

 private:
  BatonOrder& baton_;
  BatonOrder::Context* place_;
  BatonOrder::Context* guest_ = nullptr;
};

// See BatonOrder::CountForeignHolder.
void CountForeign(int change) {
  BatonOrder* baton = BatonOrder::Installed();
  if (baton == nullptr) return;
  const bool counts = change > 0 ? BatonOrder::Mine() == nullptr : foreign_locks > 0;
  if (!counts) return;
  foreign_locks += change;
  baton->CountForeignHolder(change);
}

}  // namespace

BatonOrder* BatonOrder::Installed() { return installed.load(std::memory_order_acquire); }

Nanos MonotonicNow() {
  if (const BatonOrder* baton = BatonOrder::Installed()) return baton->now();
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return Nanos{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void Order::InstallBaton(std::uint64_t seed) {
  PORTLAB_CHECK(BatonOrder::Installed() == nullptr, "two batons");
  installed.store(std::make_unique<BatonOrder>(seed).release(), std::memory_order_release);
}

void Order::Uninstall() {
  const std::unique_ptr<BatonOrder> baton(installed.exchange(nullptr, std::memory_order_acq_rel));
}

bool Order::deterministic() { return BatonOrder::Installed() != nullptr; }

void Order::Join(const char* name) {
  BatonOrder* baton = BatonOrder::Installed();
  if (baton == nullptr) return;
  BatonOrder::Context*& mine = BatonOrder::Mine();
  if (mine != nullptr) {
    ++mine->joins;
    return;
  }
  mine = baton->Expect(name);
  baton->Enter(mine);
}

void Order::Leave() {
  BatonOrder* baton = BatonOrder::Installed();
  BatonOrder::Context*& mine = BatonOrder::Mine();
  if (baton == nullptr || mine == nullptr || --mine->joins > 0) return;
  baton->Leave(std::exchange(mine, nullptr));
}

void Order::Point() {
  BatonOrder* baton = BatonOrder::Installed();
  if (baton != nullptr && BatonOrder::Mine() != nullptr) baton->Point(BatonOrder::Mine());
}

std::uint64_t Order::Choose(std::uint64_t bound) {
  if (BatonOrder* baton = BatonOrder::Installed()) return baton->Choose(bound);
  static std::atomic<std::uint64_t> threads{0};
  thread_local Random random(static_cast<std::uint64_t>(MonotonicNow()) +
                             (threads.fetch_add(1, std::memory_order_relaxed) << 48));
  return random.Below(bound);
}

Idle Order::WaitIdle(Nanos deadline, bool has_fds) {
  BatonOrder* baton = BatonOrder::Installed();
  if (baton == nullptr) return Idle::kMayBlock;
  PORTLAB_CHECK(BatonOrder::Mine() != nullptr, "only a joined thread may idle");
  return baton->WaitIdle(BatonOrder::Mine(), deadline, has_fds);
}

void Order::EnterRealWorld() {
  if (BatonOrder* baton = BatonOrder::Installed()) baton->CountRealWorld(+1);
}

void Order::LeaveRealWorld() {
  if (BatonOrder* baton = BatonOrder::Installed()) baton->CountRealWorld(-1);
}

void Order::WakeIdle() {
  if (BatonOrder* baton = BatonOrder::Installed()) baton->WakeIdle();
}

std::uint64_t Order::digest() {
  BatonOrder* baton = BatonOrder::Installed();
  return baton == nullptr ? 0 : baton->digest();
}

OutsideOrder::OutsideOrder() : joined_(BatonOrder::Mine() != nullptr) {
  if (!joined_) return;
  place_left = std::exchange(BatonOrder::Mine(), nullptr);
  BatonOrder::Installed()->GoOutside(place_left);
}

OutsideOrder::~OutsideOrder() {
  if (!joined_) return;
  BatonOrder::Mine() = std::exchange(place_left, nullptr);
  BatonOrder::Installed()->ComeBack(BatonOrder::Mine());
}

bool Condition::WaitUntil(Mutex& mutex, Nanos deadline) {
  if (BatonOrder* baton = BatonOrder::Installed()) {
    const Visit visit(*baton, "waiting guest");
    return baton->Wait(visit.place(), this, mutex, deadline);
  }
  std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
  bool in_time = true;
  if (deadline == kForever) {
    condition_.wait(lock);
  } else {
    const std::chrono::steady_clock::time_point point{std::chrono::nanoseconds(deadline)};
    in_time = condition_.wait_until(lock, point) == std::cv_status::no_timeout;
  }
  lock.release();
  return in_time;
}

void Condition::NotifyOne() {
  if (BatonOrder* baton = BatonOrder::Installed()) return baton->Notify(this, false);
  condition_.notify_one();
}

void Condition::NotifyAll() {
  if (BatonOrder* baton = BatonOrder::Installed()) return baton->Notify(this, true);
  condition_.notify_all();
}

void OrderedMutex::Lock() {
  PORTLAB_CHECK(!HeldByThisThread(), "an OrderedMutex was locked twice by one thread");
  Order::Point();
  std::uint32_t expected = kFree;
  if (!state_.compare_exchange_strong(expected, kHeld, std::memory_order_acquire,
                                      std::memory_order_relaxed)) {
    LockSlow();
  }
  owner_.store(ThisThread(), std::memory_order_relaxed);
  CountForeign(+1);
}

// Whoever leaves here with the lock and no other waiter behind it puts the state back to kHeld:
// kHeldWithWaiters then always means a waiter that will still need mutex_, which is what makes
// destruction after Unlock safe.
void OrderedMutex::LockSlow() {
  const MutexLock lock(mutex_);
  ++waiters_;
  while (state_.exchange(kHeldWithWaiters, std::memory_order_acquire) != kFree) {
    released_.Wait(mutex_);
  }
  if (--waiters_ == 0) state_.store(kHeld, std::memory_order_relaxed);
}

bool OrderedMutex::TryLock() {
  std::uint32_t expected = kFree;
  if (!state_.compare_exchange_strong(expected, kHeld, std::memory_order_acquire,
                                      std::memory_order_relaxed)) {
    return false;
  }
  owner_.store(ThisThread(), std::memory_order_relaxed);
  CountForeign(+1);
  return true;
}

void OrderedMutex::Unlock() {
  PORTLAB_CHECK(HeldByThisThread(),
                "an OrderedMutex was unlocked by a thread that did not hold it");
  owner_.store(0, std::memory_order_relaxed);
  std::uint32_t expected = kHeld;
  if (!state_.compare_exchange_strong(expected, kFree, std::memory_order_release,
                                      std::memory_order_relaxed)) {
    const MutexLock lock(mutex_);
    state_.store(kFree, std::memory_order_release);
    released_.NotifyOne();
  }
  // The mutex may be gone by now.
  CountForeign(-1);
}

bool OrderedMutex::HeldByThisThread() const {
  return owner_.load(std::memory_order_relaxed) == ThisThread();
}

}  // namespace portlab
