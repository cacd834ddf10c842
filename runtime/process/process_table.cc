#include "process/process_table.h"

#include <atomic>
#include <utility>

#include "base/check.h"

namespace portlab {

ProcessTable::ProcessTable(Services services) : services_(std::move(services)) {}

ProcessTable::~ProcessTable() = default;

std::shared_ptr<Process> ProcessTable::Add() {
  MutexLock lock(mutex_);
  while (processes_.contains(Pid{next_number_})) ++next_number_;
  const Pid pid{next_number_++};
  auto process = std::make_shared<Process>(*this, pid);
  processes_.emplace(pid, process);
  return process;
}

std::shared_ptr<Process> ProcessTable::Attach() { return Add(); }

std::shared_ptr<Process> ProcessTable::Spawn(BodyFunction function) {
  return Start(Add(), std::move(function));
}

std::shared_ptr<Process> ProcessTable::SpawnMirror(Pid pid, ProcessOutlet& outlet,
                                                   BodyFunction function) {
  auto process = std::make_shared<Process>(*this, pid);
  process->outlet_ = &outlet;
  {
    MutexLock lock(mutex_);
    const bool added = processes_.emplace(pid, process).second;
    PORTLAB_CHECK(added, "the pid of a mirror is in use");
  }
  return Start(std::move(process), std::move(function));
}

std::shared_ptr<Process> ProcessTable::Start(std::shared_ptr<Process> process,
                                             BodyFunction function) {
  process->function_ = std::make_unique<BodyFunction>(std::move(function));
  process->body_.emplace((*process->function_)(*process));
  services_.run_queue->Enqueue(*process);
  return process;
}

std::shared_ptr<Process> ProcessTable::Find(Pid pid) const {
  MutexLock lock(mutex_);
  auto found = processes_.find(pid);
  return found == processes_.end() ? nullptr : found->second;
}

std::vector<Pid> ProcessTable::List() const {
  MutexLock lock(mutex_);
  std::vector<Pid> pids;
  pids.reserve(processes_.size());
  for (const auto& [pid, process] : processes_) pids.push_back(pid);
  return pids;
}

std::size_t ProcessTable::count() const {
  MutexLock lock(mutex_);
  return processes_.size();
}

void ProcessTable::Remove(Pid pid) {
  std::shared_ptr<Process> last;  // destroyed after the lock is gone
  MutexLock lock(mutex_);
  auto found = processes_.find(pid);
  if (found == processes_.end()) return;
  last = std::move(found->second);
  processes_.erase(found);
}

RefId ProcessTable::Monitor(Process& from, Pid watched) {
  const RefId reference = NewReference();
  std::shared_ptr<Process> target = Find(watched);
  if (target == nullptr || !target->AddWatcher(reference, from.pid().word())) {
    from.Deliver(Term::Tuple({Term::Atom("DOWN"), Term::Of(reference), Term::Atom("process"),
                              Term::Of(watched), Term::Atom("noproc")}));
  }
  return reference;
}

void ProcessTable::Link(Process& from, Pid other) {
  std::shared_ptr<Process> target = Find(other);
  from.AddLink(other.word());
  if (target != nullptr && target->AddLink(from.pid().word())) return;
  from.RemoveLink(other.word());
  from.ExitSignal(Term::Of(other), Term::Atom("noproc"), false);
}

RefId ProcessTable::NewReference() {
  static std::atomic<std::uint64_t> next{1};
  return RefId{next.fetch_add(1, std::memory_order_relaxed)};
}

}  // namespace portlab
