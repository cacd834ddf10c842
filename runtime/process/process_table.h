// All live processes, and what they need of the rest of the runtime.
// Threads: all functions from any thread. Ownership: holds one reference to each live process.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/exit_sink.h"
#include "base/ids.h"
#include "base/mutex.h"
#include "base/runnable.h"
#include "portlab/process.h"

namespace portlab {

class ProcessTable {
 public:
  struct Services {
    RunQueue* run_queue = nullptr;
    ExitSink* exit_sink = nullptr;
    // Wakes the process at the deadline, if it still lives.
    std::function<void(Nanos deadline, std::weak_ptr<Process>)> wake_at;
    // What a thread process does while it waits, a piece at a time, at most until the deadline.
    // Empty: others work, it waits.
    std::function<void(Nanos deadline)> work_while_waiting = {};
  };
  explicit ProcessTable(Services services);
  ~ProcessTable();

  // A process whose body is the calling thread. The caller ends it with Exit (ThreadProcess below
  // does).
  std::shared_ptr<Process> Attach();
  // A scheduled process; it starts to run at once.
  std::shared_ptr<Process> Spawn(BodyFunction function);
  // A scheduled process of this pid, not used by a live one, whose messages and exit signals go to
  // `outlet`; its body ends it. Pids of mirrors and of others must not be mixed in one table, but
  // for the few a runtime makes for itself: REQUIRES that the pid is free.
  std::shared_ptr<Process> SpawnMirror(Pid pid, ProcessOutlet& outlet, BodyFunction function);
  // Null: no such process, or it has exited.
  std::shared_ptr<Process> Find(Pid pid) const;
  std::vector<Pid> List() const;
  std::size_t count() const;

  // Process `from` starts to watch `watched` (a process); DOWN comes as
  // {'DOWN',Ref,process,Pid,Reason}, at once with noproc when it is not there.
  RefId Monitor(Process& from, Pid watched);
  void Link(Process& from, Pid other);

  // A reference unique over the life of the runtime.
  static RefId NewReference();

  const Services& services() const { return services_; }

 private:
  friend class Process;
  std::shared_ptr<Process> Add();
  std::shared_ptr<Process> Start(std::shared_ptr<Process> process, BodyFunction function);
  void Remove(Pid pid);

  const Services services_;
  mutable Mutex mutex_;
  std::unordered_map<Pid, std::shared_ptr<Process>> processes_ GUARDED_BY(mutex_);
  std::uint64_t next_number_ GUARDED_BY(mutex_) =
      2;  // <0.0.0> and <0.1.0> are OTP's init and its helper
};

// RAII: the calling thread is a process for the time of the scope.
class ThreadProcess {
 public:
  explicit ThreadProcess(ProcessTable& table) : process_(table.Attach()) {}
  ~ThreadProcess() { process_->Exit(Term::Atom("normal")); }
  ThreadProcess(const ThreadProcess&) = delete;
  ThreadProcess& operator=(const ThreadProcess&) = delete;
  Process& operator*() const { return *process_; }
  Process* operator->() const { return process_.get(); }

 private:
  std::shared_ptr<Process> process_;
};

}  // namespace portlab
