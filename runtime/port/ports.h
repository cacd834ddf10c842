// All ports: the table, and how signals and events reach a port. This is the one place where level
// 2's areas meet.
//
// Threads: all functions from any thread unless they say "under the port's lock".
// Ownership: borrows the services, owns the table. One per OS process (the C driver API has calls
// without a handle): Get(). Errors: Result; a port that is gone is badarg. Lock order: port lock →
// port data lock → (queue mutex | process mutex). Source: otp_ports.md 3, 5.1.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/async_pool.h"
#include "base/event_sink.h"
#include "base/exit_sink.h"
#include "check_io/check_io.h"
#include "driver/driver_registry.h"
#include "driver/start_options.h"
#include "erl_driver.h"
#include "port/port.h"
#include "port/port_table.h"
#include "portlab/limits.h"
#include "process/process_table.h"
#include "timer/timer_service.h"

namespace portlab {

class Ports : public PortEventSink, public ExitSink {
 public:
  struct Services {
    Limits limits;
    RunQueue* run_queue = nullptr;
    ProcessTable* processes = nullptr;
    DriverRegistry* drivers = nullptr;
    TimerService* timers = nullptr;
    CheckIo* check_io = nullptr;
    AsyncPool* async = nullptr;
  };
  explicit Ports(const Limits& limits);
  ~Ports() override;
  // The services that themselves need an event sink are made after this object: given here, before
  // the first open.
  void Connect(Services services);
  static Ports& Get() {
    Ports* ports = the_ports_.load(std::memory_order_acquire);
    if (ports == nullptr) [[unlikely]]
      NoRuntime();
    return *ports;
  }

  // ---- Opening (bif/open_port) ----
  // Reserves a slot, runs the driver's start, links the owner. With an init-ack driver the returned
  // reply is pending: the port is open when it is done without an error. Takes over the caller's
  // reference on the driver, also on failure.
  Result<PortId> Open(Process& owner, Driver& driver, const StartOptions& options,
                      std::shared_ptr<SignalReply>* pending);

  // Opens a port of `creator`'s driver without calling start: driver_create_port. This thread holds
  // the creator's lock; the new port stays locked until it lets go of that.
  Result<PortId> Create(Port& creator, Pid connected, std::string name,
                        ErlDrvData data) NO_THREAD_SAFETY_ANALYSIS;

  // ---- Signals ----
  enum class Submitted { kDone, kQueued, kNoPort };
  struct Submission {
    Submitted how = Submitted::kNoPort;
    Result<Term> result{Term{}};         // kDone
    std::shared_ptr<SignalReply> reply;  // kQueued, for a `waiter`
  };
  enum class Answer { kNone, kAwaited };
  // Executes at once when the port is idle, at the cost of `caller` (null: of nobody), else queues.
  // kAwaited: `caller` is woken when a queued signal has been executed. kNone: a port opened with
  // {parallelism,true} always queues.
  Submission Submit(PortId port, PortSignal& signal, Process* caller, Answer answer);
  // Always queues. False: no such port.
  bool Queue(PortId port, PortSignal signal);

  // The link that `who` has on its side is taken back, with an exit signal noproc.
  void RefuseLink(Pid who, PortId port);

  // Ends every port of the driver, now where a port is idle and this thread is in no callback, else
  // when its turn comes: their driver is being unloaded.
  void EndPortsOf(const Driver& driver);

  // emergency_close of every port whose driver has one, as OTP does before it writes a crash dump:
  // on this thread, without a lock, whatever else runs.
  void EmergencyClose();

  // ---- Busy ports ----
  // kReady: a command may be sent now. kBusy: `process`, if given, is woken when it may ask again.
  enum class Readiness { kReady, kBusy, kGone };
  Readiness ReadyForCommand(PortId port, Process* process);
  // The driver takes forced commands while busy (ERL_DRV_FLAG_SOFT_BUSY).
  bool SoftBusy(PortId port);
  void SetBusy(Port& port, bool on);
  void SetMessageQueueLimits(Port& port, std::size_t low, std::size_t high);

  // ---- Counting ----
  std::uint32_t count() const { return table_.count(); }
  std::uint32_t limit() const { return table_.limit(); }
  std::vector<PortId> List() const;
  std::uint32_t SlotOf(PortId port) const { return table_.SlotOf(port); }

  // ---- Events from below (base/event_sink.h, base/exit_sink.h): only queue ----
  bool Post(PortId port, const PortEvent& event) override;
  void ExitSignal(PortId port, Pid who, const Term& reason, bool from_link) override;
  void MonitoredProcessExited(PortId port, Pid who, RefId monitor) override;
  void ProcessExited(Pid who) override;

  // ---- For the driver API ----
  // A handle is the number, moved so that no handle is null, -1 or a plausible address.
  static ErlDrvPort HandleOf(PortId port) {
    return reinterpret_cast<ErlDrvPort>((port.number + 1) << 4);
  }
  static PortId IdOfHandle(ErlDrvPort handle) {
    const auto word = reinterpret_cast<std::uintptr_t>(handle);
    return word == 0 || (word & 0xf) != 0 ? PortId{} : PortId{(word >> 4) - 1};
  }
  // The live port behind a handle whose lock (or port data lock) this thread holds; null otherwise.
  Port* Held(ErlDrvPort handle) {
    const PortId id = IdOfHandle(handle);
    Port* port = id ? table_.Find(id) : nullptr;
    if (port == nullptr || !port->Lives()) return nullptr;
    return port->lock().HeldByThisThread() && port->id() == id ? port : nullptr;
  }
  // The slot's port when `id` lives there; take its lock and look again before using it.
  Port* Find(PortId id) { return table_.Find(id); }

  // Whom a port talks to, without its lock, which a callback may hold that waits for this thread.
  // Nullopt: no such port; no pid: it is closing, and talks to nobody.
  std::optional<Pid> ConnectedOf(PortId id) const;

  Services& services() { return services_; }
  const Limits& limits() const { return services_.limits; }

 private:
  // At once, in the thread that holds its lock.
  Result<Term> ServeInCaller(Port& port, PortSignal& signal, Process* caller);
  friend class PortExecutor;
  friend class Port;
  BusyLimits MessageQueueLimits(const Driver& driver, const StartOptions& options) const;
  void Fill(Port& port, PortId id, Process& owner, Driver& driver, const StartOptions& options);
  void FailQueued(PortId port, std::deque<PortSignal> signals);
  void WakeSuspended(Port& port);
  void Wake(const std::vector<std::weak_ptr<Process>>& suspended);
  void MessageQueueShrank(Port& port);
  void DropAsyncJob(void* payload);
  void SendDown(Pid to, RefId reference, PortId port, const Term& reason);
  // Releases the lock; gives the slot back first if the port died.
  void Leave(Port& port, OrderedMutex& lock, PortId id) NO_THREAD_SAFETY_ANALYSIS {
    if (port.state() == PortState::kDead) {
      Bury(port, lock, id);
    } else {
      lock.Unlock();
    }
    if (others_noted_) LeaveOthers();
  }
  void Bury(Port& port, OrderedMutex& lock, PortId id) NO_THREAD_SAFETY_ANALYSIS;
  // What this thread did, under one port's lock, to other ports of the driver: those it made are
  // still locked, and one that died still has its slot. Both are put right once the lock is gone.
  void LeaveOthers() NO_THREAD_SAFETY_ANALYSIS;
  // `held`: its own lock, if that is not the one it shares with the port this thread has entered.
  static void NoteOther(Port& port, OrderedMutex* held);
  // Takes the port's lock; false (and no lock) when another port, or none, lives in the slot by
  // now.
  bool TryEnter(Port& port, PortId id, OrderedMutex** held);

  [[noreturn]] static void NoRuntime();

  static std::atomic<Ports*> the_ports_;
  static constinit inline thread_local bool others_noted_ = false;
  Services services_;
  PortTable<Port> table_;
};

}  // namespace portlab
