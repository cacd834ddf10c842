// Erlang processes: a mailbox, links, monitors and an exit reason. Two kinds share one class: a
// process whose body is the calling thread (it waits by blocking), and a scheduled one whose body
// is a coroutine (it waits by co_await). Every wait of either kind is the same: a step function is
// called again after each wake-up until it returns a value.
//
//   Body Echo(Process& self) {
//     for (;;) {
//       Term message = co_await self.Receive();
//       …
//     }
//   }
//
// Threads: Deliver, Wake, ExitSignal and the observers from any thread; Receive, AwaitStep, Exit
// and trap_exit from the process's own body. Ownership: shared_ptr; the table holds one until the
// process exits. Errors: waiting in a process that has been ended by an exit signal throws
// ProcessExited; bodies let it pass. Source: erlang(3erl) link/1, monitor/2, exit/2,
// process_flag/2.
#pragma once

#include <atomic>
#include <coroutine>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/order.h"
#include "base/ring.h"
#include "base/runnable.h"
#include "base/word_set.h"
#include "portlab/term.h"

namespace portlab {

class Process;
class ProcessTable;

// Takes what arrives at a mirror: a process that stands for one elsewhere, of a real node say,
// whose mailbox and trap_exit flag are there. Threads: called from any, under no lock of the
// process.
class ProcessOutlet {
 public:
  virtual ~ProcessOutlet() = default;
  virtual void OnMessage(Pid to, const Term& message) = 0;
  virtual void OnExitSignal(Pid to, const Term& from, const Term& reason, bool from_link) = 0;
};

// Thrown by every wait of a process that an exit signal has ended.
struct ProcessExited {};

// The coroutine type of a scheduled process's body. Returning from it is exit(normal).
class Body {
 public:
  struct promise_type {
    Body get_return_object() {
      return Body(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void
    unhandled_exception();  // ProcessExited ends the body quietly; anything else is portlab's bug
  };
  explicit Body(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Body(Body&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Body& operator=(Body&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Body() {
    if (handle_) handle_.destroy();
  }
  std::coroutine_handle<promise_type> handle() const { return handle_; }

 private:
  std::coroutine_handle<promise_type> handle_;
};

using BodyFunction = std::function<Body(Process&)>;
using MessageFilter = std::function<bool(const Term&)>;

class Process : public Runnable, public std::enable_shared_from_this<Process> {
 public:
  Process(ProcessTable& table, Pid pid);
  ~Process() override;

  Pid pid() const { return pid_; }
  bool alive() const { return !exiting_.load(std::memory_order_acquire); }

  // Appends to the mailbox. False: the process has exited and the message is gone.
  bool Deliver(Term message);
  std::size_t mailbox_length() const;
  std::size_t mailbox_bytes() const { return mailbox_bytes_.load(std::memory_order_relaxed); }

  // ---- For the body ----
  // The first message that `filter` accepts (any, without one), removed; nullopt: none is there
  // now.
  std::optional<Term> TryReceive();
  std::optional<Term> TryReceive(const MessageFilter& filter);
  // All messages that are there now, unread.
  void DropMessages();
  // Blocks the calling thread (a thread process) until a message is accepted or `deadline` passes.
  std::optional<Term> ReceiveUntil(Nanos deadline, const MessageFilter& filter = {});
  // Repeats `step` after every wake-up until it has a value, or `deadline` passes: how a thread
  // waits for any BIF.
  template <class Step>
  auto BlockOn(Step&& step, Nanos deadline = kForever) -> decltype(step());
  // The same for a coroutine body: co_await self.Until(step).
  template <class Step>
  class Awaiter;
  template <class Step>
  Awaiter<Step> Until(Step step, Nanos deadline = kForever);
  auto Receive(MessageFilter filter = {}, Nanos deadline = kForever);

  bool trap_exit() const { return trap_exit_.load(std::memory_order_relaxed); }
  void set_trap_exit(bool on) { trap_exit_.store(on, std::memory_order_relaxed); }
  // Ends the process: links and monitors are told, ports through the exit sink. Idempotent; the
  // first reason stays.
  void Exit(Term reason);
  Term exit_reason() const;

  // ---- Links and monitors. `other` is a pid or port word. False: this process has exited. ----
  bool AddLink(TermWord other);
  void RemoveLink(TermWord other);
  std::vector<TermWord> links() const;
  // Someone (pid or port word) watches this process under `reference`. False: it has exited.
  bool AddWatcher(RefId reference, TermWord watcher);
  bool RemoveWatcher(RefId reference);
  // An exit signal arrives: kills, is turned into {'EXIT',From,Reason}, or is ignored, as OTP's
  // rules say.
  void ExitSignal(const Term& from, const Term& reason, bool from_link);
  // The other side of a link has ended: the link goes, the exit signal comes.
  void LinkEnded(const Term& from, const Term& reason);

  // ---- Reductions: what the body has had ports do in its own time. For the body, and for whom it
  // waits in. A scheduled process whose turn is used up lets others run before its next wait ends;
  // a thread, or a mirror, has no turns. ----
  std::uint64_t reductions() const { return reductions_; }
  int reductions_of_turn() const { return reductions_of_turn_; }
  void Charge(int reductions) {
    reductions_ += static_cast<std::uint64_t>(reductions);
    if (function_ != nullptr) reductions_of_turn_ += reductions;
  }

  // Makes the body look again. From any thread.
  void Wake();

  bool Run(int reductions) override;
  std::shared_ptr<void> KeepAlive() override { return shared_from_this(); }

 private:
  friend class ProcessTable;
  struct Message {
    Term term;
    std::size_t bytes = 0;
  };
  // False: the process has exited.
  bool AppendLocked(Message message) REQUIRES(mutex_);
  Term TakeLocked(std::size_t index) REQUIRES(mutex_);
  // Has the process woken at `deadline`, for a coroutine that waits with one.
  void ArmWake(Nanos deadline);
  // Waits for a wake-up; false: the deadline passed. Throws ProcessExited.
  bool AwaitWake(Nanos deadline);
  bool WorkUntilWoken(Nanos deadline);
  void Finish(Term reason);
  void WakeLocked() REQUIRES(mutex_);
  void ThrowIfExited() const {
    if (exiting_.load(std::memory_order_acquire)) throw ProcessExited{};
  }

  ProcessTable& table_;
  const Pid pid_;
  ProcessOutlet* outlet_ = nullptr;  // of a mirror; set before anyone else knows the process
  std::atomic<bool> exiting_{false};
  std::atomic<bool> trap_exit_{false};
  std::atomic<std::size_t> mailbox_bytes_{0};

  // Short lock; no other lock is taken while it is held.
  mutable Mutex mutex_;
  Condition wake_condition_;
  bool wake_pending_ GUARDED_BY(mutex_) = false;
  bool waiting_ GUARDED_BY(mutex_) = false;  // on wake_condition_
  Ring<Message> mailbox_ GUARDED_BY(mutex_);
  WordSet links_ GUARDED_BY(mutex_);
  std::map<RefId, TermWord> watchers_ GUARDED_BY(mutex_);
  Term exit_reason_ GUARDED_BY(mutex_);

  // Scheduled processes only; touched by the thread that runs the process.
  std::unique_ptr<BodyFunction>
      function_;  // keeps a capturing lambda alive as long as its coroutine
  std::optional<Body> body_;
  std::function<bool()> poll_;  // set while suspended: true when the body may go on
  bool finished_ = false;
  int reductions_of_turn_ = 0;
  std::uint64_t reductions_ = 0;
};

template <class Step>
auto Process::BlockOn(Step&& step, Nanos deadline) -> decltype(step()) {
  for (;;) {
    ThrowIfExited();
    if (auto value = step()) return value;
    if (!AwaitWake(deadline)) return step();
  }
}

template <class Step>
class Process::Awaiter {
 public:
  Awaiter(Process& process, Step step, Nanos deadline)
      : process_(process), step_(std::move(step)), deadline_(deadline) {}
  bool await_ready() {
    ready_ = Poll();
    return ready_ && process_.reductions_of_turn() < kContextReductions;
  }
  void await_suspend(std::coroutine_handle<>) {
    process_.poll_ = [this] { return ready_ || Poll(); };
    if (ready_) {
      process_.Wake();  // to its next turn
    } else {
      process_.ArmWake(deadline_);
    }
  }
  auto await_resume() {
    process_.ThrowIfExited();
    return std::move(value_);
  }

 private:
  bool Poll() {
    if (process_.exiting_.load(std::memory_order_acquire)) return true;
    value_ = step_();
    return value_.has_value() || MonotonicNow() >= deadline_;
  }
  Process& process_;
  Step step_;
  Nanos deadline_;
  bool ready_ = false;
  decltype(std::declval<Step&>()()) value_{};
};

template <class Step>
Process::Awaiter<Step> Process::Until(Step step, Nanos deadline) {
  return Awaiter<Step>(*this, std::move(step), deadline);
}

inline auto Process::Receive(MessageFilter filter, Nanos deadline) {
  return Until([this, filter = std::move(filter)] { return TryReceive(filter); }, deadline);
}

}  // namespace portlab
