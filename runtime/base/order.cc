#include "base/order.h"

#include <time.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <utility>

#include "base/baton.h"
#include "base/check.h"
#include "base/futex.h"
#include "base/random.h"

namespace portlab {
namespace {

// How many OrderedMutexes this thread locked with the baton in force but without a place in the
// order.
thread_local int foreign_locks = 0;
// The place this thread left for an OutsideOrder scope.
thread_local BatonOrder::Context* place_left = nullptr;

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

// With the baton, what a waiter for an OrderedMutex holds from its last look at it until it waits.
// Never contended long, so that a few serve all.
Mutex& WaitersOf(const OrderedMutex* mutex) {
  constexpr std::size_t kStripes = 16;
  static std::array<Mutex, kStripes> stripes;
  return stripes[(reinterpret_cast<std::uintptr_t>(mutex) >> 6) % kStripes];
}

// How often a thread looks again before it sleeps: a callback is often short.
constexpr int kSpins = 100;

}  // namespace

std::atomic<BatonOrder*> installed_baton{nullptr};

std::uint32_t NewThreadNumber() {
  static std::atomic<std::uint32_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

Nanos MonotonicNow() {
  if (const BatonOrder* baton = BatonOrder::Installed()) return baton->now();
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return Nanos{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void Order::InstallBaton(std::uint64_t seed) {
  PORTLAB_CHECK(BatonOrder::Installed() == nullptr, "two batons");
  installed_baton.store(std::make_unique<BatonOrder>(seed).release(), std::memory_order_release);
}

void Order::Uninstall() {
  const std::unique_ptr<BatonOrder> baton(
      installed_baton.exchange(nullptr, std::memory_order_acq_rel));
}

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
  waiting_.fetch_add(1, std::memory_order_relaxed);
  const std::uint32_t seen = notified_.load(std::memory_order_relaxed);
  mutex.Unlock();
  const bool in_time = FutexWait(notified_, seen, deadline);
  mutex.Lock();
  waiting_.fetch_sub(1, std::memory_order_relaxed);
  return in_time;
}

void Condition::Notify(bool all) {
  if (BatonOrder* baton = BatonOrder::Installed()) return baton->Notify(this, all);
  // Who waits has said so under the mutex under which what it waits for was changed.
  if (waiting_.load(std::memory_order_relaxed) == 0) return;
  notified_.fetch_add(1, std::memory_order_relaxed);
  FutexWake(&notified_, all ? INT_MAX : 1);
}

void Condition::NotifyOne() { Notify(false); }
void Condition::NotifyAll() { Notify(true); }

void OrderedMutex::Lock() {
  PORTLAB_CHECK(!HeldByThisThread(), "an OrderedMutex was locked twice by one thread");
  Order::Point();
  if (!word_.TryTake()) LockSlow();
  Took();
}

void OrderedMutex::LockSlow() {
  if (BatonOrder* baton = BatonOrder::Installed()) {
    Mutex& mutex = WaitersOf(this);
    const MutexLock lock(mutex);
    while (!word_.TakeWaiting()) {
      const Visit visit(*baton, "waiting guest");
      baton->Wait(visit.place(), this, mutex, kForever);
    }
    return;
  }
  for (int i = 0; i < kSpins; ++i) {
    if (word_.TryTake()) return;
  }
  while (!word_.TakeWaiting()) word_.SleepWhileHeld();
}

void OrderedMutex::Wake(OrderedMutex* mutex) {
  if (BatonOrder* baton = BatonOrder::Installed()) {
    const MutexLock lock(WaitersOf(mutex));
    return baton->Notify(mutex, false);
  }
  FutexWord::WakeOne(&mutex->word_);
}

void OrderedMutex::CountForeign(int change) {
  const bool counts = change > 0 ? BatonOrder::Mine() == nullptr : foreign_locks > 0;
  BatonOrder* baton = BatonOrder::Installed();
  if (!counts || baton == nullptr) return;
  foreign_locks += change;
  baton->CountForeignHolder(change);
}

void OrderedMutex::NotHeld() {
  PORTLAB_CHECK(false, "an OrderedMutex was unlocked by a thread that did not hold it");
  std::abort();
}

}  // namespace portlab
