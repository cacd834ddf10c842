#include "base/ordered_thread.h"

#include <pthread.h>
#include <signal.h>

#include <utility>

#include "base/baton.h"
#include "base/order.h"

namespace portlab {
namespace {

// Blocks signals for the calling thread, and so for the thread it starts inside the scope.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS}) {
      ::sigdelset(&all, fault);
    }
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

struct OrderedThread::End {
  Mutex mutex;
  Condition reached;
  bool is_reached GUARDED_BY(mutex) = false;

  // Also when the body leaves by pthread_exit, which unwinds.
  class Guard {
   public:
    explicit Guard(End& end) : end_(end) {}
    ~Guard() {
      const MutexLock lock(end_.mutex);
      end_.is_reached = true;
      end_.reached.NotifyAll();
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    End& end_;
  };
};

namespace {

// The calling thread's place, made by the thread that started it.
class Place {
 public:
  Place(BatonOrder* baton, BatonOrder::Context* place) {
    if (baton == nullptr) return;
    BatonOrder::Mine() = place;
    baton->Enter(place);
  }
  ~Place() { Order::Leave(); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
};

}  // namespace

OrderedThread::OrderedThread() = default;
OrderedThread::OrderedThread(OrderedThread&&) noexcept = default;

OrderedThread::OrderedThread(const char* name, std::function<void()> body)
    : end_(std::make_shared<End>()) {
  BatonOrder* baton = BatonOrder::Installed();
  BatonOrder::Context* place = baton == nullptr ? nullptr : baton->Expect(name);
  const SignalsBlocked signals_blocked;
  try {
    thread_ = std::thread([baton, place, end = end_, body = std::move(body)] {
      const Place here(baton, place);
      const End::Guard guard(*end);
      body();
    });
  } catch (...) {
    if (baton != nullptr) baton->Leave(place);
    throw;
  }
}

OrderedThread& OrderedThread::operator=(OrderedThread&& other) noexcept {
  if (this == &other) return *this;
  Join();
  end_ = std::move(other.end_);
  thread_ = std::move(other.thread_);
  return *this;
}

OrderedThread::~OrderedThread() { Join(); }

void OrderedThread::Join() {
  if (!thread_.joinable()) return;
  {
    const MutexLock lock(end_->mutex);
    while (!end_->is_reached) end_->reached.Wait(end_->mutex);
  }
  // It has nothing left to do that needs the baton.
  thread_.join();
}

}  // namespace portlab
