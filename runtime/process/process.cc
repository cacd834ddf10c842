#include "portlab/process.h"

#include <utility>

#include "base/check.h"
#include "process/process_table.h"
#include "term/known_atoms.h"

namespace portlab {

void Body::promise_type::unhandled_exception() {
  try {
    throw;
  } catch (const ProcessExited&) {
    // An exit signal ended the process while its body waited: the body unwinds and is done.
  } catch (...) {
    PORTLAB_CHECK(false, "a process body threw something other than ProcessExited");
  }
}

Process::Process(ProcessTable& table, Pid pid) : table_(table), pid_(pid) {}

Process::~Process() = default;

bool Process::AppendLocked(Message message) {
  if (exiting_.load(std::memory_order_relaxed)) return false;
  // Changed under the lock only; read without it.
  mailbox_bytes_.store(mailbox_bytes_.load(std::memory_order_relaxed) + message.bytes,
                       std::memory_order_relaxed);
  mailbox_.push_back(std::move(message));
  if (function_ == nullptr) WakeLocked();
  return true;
}

bool Process::Deliver(Term message) {
  if (outlet_ != nullptr) {
    if (!alive()) return false;
    outlet_->OnMessage(pid_, message);
    return true;
  }
  const std::size_t bytes = message.heap_bytes();
  {
    MutexLock lock(mutex_);
    if (!AppendLocked({std::move(message), bytes})) return false;
  }
  if (function_ != nullptr) Wake();
  return true;
}

std::size_t Process::mailbox_length() const {
  MutexLock lock(mutex_);
  return mailbox_.size();
}

Term Process::TakeLocked(std::size_t index) {
  Message message = mailbox_.Take(index);
  mailbox_bytes_.store(mailbox_bytes_.load(std::memory_order_relaxed) - message.bytes,
                       std::memory_order_relaxed);
  return std::move(message.term);
}

std::optional<Term> Process::TryReceive() {
  MutexLock lock(mutex_);
  if (mailbox_.empty()) return std::nullopt;
  return TakeLocked(0);
}

std::optional<Term> Process::TryReceive(const MessageFilter& filter) {
  if (!filter) return TryReceive();
  MutexLock lock(mutex_);
  for (std::size_t i = 0; i < mailbox_.size(); ++i) {
    if (filter(mailbox_[i].term)) return TakeLocked(i);
  }
  return std::nullopt;
}

void Process::DropMessages() {
  MutexLock lock(mutex_);
  mailbox_.clear();
  mailbox_bytes_.store(0, std::memory_order_relaxed);
}

std::optional<Term> Process::ReceiveUntil(Nanos deadline, const MessageFilter& filter) {
  return BlockOn([&] { return TryReceive(filter); }, deadline);
}

void Process::Wake() {
  if (function_ != nullptr) {
    table_.services_.run_queue->Enqueue(*this);
    return;
  }
  MutexLock lock(mutex_);
  WakeLocked();
}

void Process::WakeLocked() {
  wake_pending_ = true;
  if (waiting_) wake_condition_.NotifyAll();
}

bool Process::AwaitWake(Nanos deadline) {
  if (table_.services_.work_while_waiting) return WorkUntilWoken(deadline);
  MutexLock lock(mutex_);
  while (!wake_pending_) {
    if (exiting_.load(std::memory_order_relaxed)) throw ProcessExited{};
    waiting_ = true;
    const bool in_time = wake_condition_.WaitUntil(mutex_, deadline);
    waiting_ = false;
    if (!in_time) return false;
  }
  wake_pending_ = false;
  return true;
}

bool Process::WorkUntilWoken(Nanos deadline) {
  for (;;) {
    {
      MutexLock lock(mutex_);
      if (std::exchange(wake_pending_, false)) return true;
    }
    ThrowIfExited();
    if (MonotonicNow() >= deadline) return false;
    table_.services_.work_while_waiting(deadline);
  }
}

void Process::ArmWake(Nanos deadline) {
  if (deadline != kForever) table_.services_.wake_at(deadline, weak_from_this());
}

bool Process::Run(int /*reductions*/) {
  if (finished_ || !body_) return false;
  reductions_of_turn_ = 0;
  if (poll_ && !poll_()) return false;
  poll_ = nullptr;
  std::shared_ptr<Process> keep = shared_from_this();  // Exit drops the table's reference
  body_->handle().resume();
  // Suspended again: a wake-up that came meanwhile has marked this Runnable, so the scheduler runs
  // it once more.
  if (!body_->handle().done()) return false;
  finished_ = true;
  Exit(Known().normal);
  return false;
}

void Process::Exit(Term reason) { Finish(std::move(reason)); }

Term Process::exit_reason() const {
  MutexLock lock(mutex_);
  return exit_reason_;
}

void Process::Finish(Term reason) {
  WordSet links;
  std::map<RefId, TermWord> watchers;
  Ring<Message> mailbox;
  {
    MutexLock lock(mutex_);
    if (exiting_.exchange(true, std::memory_order_acq_rel)) return;
    exit_reason_ = reason;
    links = std::move(links_);
    watchers.swap(watchers_);
    mailbox.swap(mailbox_);
    mailbox_bytes_.store(0, std::memory_order_relaxed);
  }
  std::shared_ptr<Process> keep = shared_from_this();
  table_.Remove(pid_);
  ExitSink* ports = table_.services_.exit_sink;
  if (ports != nullptr) ports->ProcessExited(pid_);
  // A driver hears of it before its port gets the exit signal of a link, as in OTP.
  for (auto [reference, watcher] : watchers) {
    if (PortId::IsPort(watcher) && ports != nullptr)
      ports->MonitoredProcessExited(PortId::FromWord(watcher), pid_, reference);
  }
  links.ForEach([&](TermWord other) {
    if (PortId::IsPort(other)) {
      if (ports != nullptr) ports->ExitSignal(PortId::FromWord(other), pid_, reason, true);
    } else if (auto process = table_.Find(Pid::FromWord(other))) {
      process->LinkEnded(Term::Of(pid_), reason);
    }
  });
  for (auto [reference, watcher] : watchers) {
    if (PortId::IsPort(watcher)) continue;
    if (auto process = table_.Find(Pid::FromWord(watcher))) {
      process->Deliver(Term::Tuple({Term::Atom("DOWN"), Term::Of(reference), Term::Atom("process"),
                                    Term::Of(pid_), reason}));
    }
  }
  Wake();
}

bool Process::AddLink(TermWord other) {
  MutexLock lock(mutex_);
  if (exiting_.load(std::memory_order_relaxed)) return false;
  links_.insert(other);
  return true;
}

void Process::RemoveLink(TermWord other) {
  MutexLock lock(mutex_);
  links_.erase(other);
}

std::vector<TermWord> Process::links() const {
  MutexLock lock(mutex_);
  return links_.Sorted();
}

bool Process::AddWatcher(RefId reference, TermWord watcher) {
  MutexLock lock(mutex_);
  if (exiting_.load(std::memory_order_relaxed)) return false;
  watchers_.emplace(reference, watcher);
  return true;
}

bool Process::RemoveWatcher(RefId reference) {
  MutexLock lock(mutex_);
  return watchers_.erase(reference) != 0;
}

void Process::LinkEnded(const Term& from, const Term& reason) {
  if (!trap_exit() || outlet_ != nullptr) {
    RemoveLink(from.word());
    return ExitSignal(from, reason, true);
  }
  Term message = Term::Triple(Known().exit, from, reason);
  const std::size_t bytes = message.heap_bytes();
  {
    MutexLock lock(mutex_);
    links_.erase(from.word());
    if (!AppendLocked({std::move(message), bytes})) return;
  }
  if (function_ != nullptr) Wake();
}

void Process::ExitSignal(const Term& from, const Term& reason, bool from_link) {
  if (outlet_ != nullptr) {
    if (alive()) outlet_->OnExitSignal(pid_, from, reason, from_link);
    return;
  }
  const bool kill = !from_link && reason == Known().kill;
  if (trap_exit() && !kill) {
    Deliver(Term::Tuple({Known().exit, from, reason}));
    return;
  }
  if (reason == Known().normal) return;
  Finish(kill ? Known().killed : reason);
}

}  // namespace portlab
