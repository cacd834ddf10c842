// All ports: the table, and how signals and events reach a port. This is the one place where level
// 2's areas meet.
//
// Threads: all functions from any thread unless they say "under the port's lock".
// Ownership: borrows the services, owns the table. One per OS process (the C driver API has calls
// without a handle): Get(). Errors: Result; a port that is gone is badarg. Lock order: port lock →
// port data lock → (queue mutex | process mutex). Source: otp_ports.md 3, 5.1.
#pragma once

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
  static Ports& Get();

  // ---- Opening (bif/open_port) ----
  // Reserves a slot, runs the driver's start, links the owner. With an init-ack driver the returned
  // reply is pending: the port is open when it is done without an error. Takes over the caller's
  // reference on the driver, also on failure.
  Result<PortId> Open(Process& owner, Driver& driver, StartOptions options,
                      std::shared_ptr<SignalReply>* pending);

  // ---- Signals ----
  enum class Submitted { kDone, kQueued, kNoPort };
  // Executes at once when the port is idle (the result is in `reply`), else queues with a reply of
  // its own in signal.reply when `want_reply`.
  Submitted Submit(PortId port, PortSignal& signal, SignalReply& reply,
                   const std::shared_ptr<Process>& waiter, bool want_reply);
  // Always queues. False: no such port.
  bool Queue(PortId port, PortSignal signal);

  // The link that `who` has on its side is taken back, with an exit signal noproc.
  void RefuseLink(Pid who, PortId port);

  // Ends every port of the driver, now where a port is idle and this thread is in no callback, else
  // when its turn comes: their driver is being unloaded.
  void EndPortsOf(const Driver& driver);

  // ---- Busy ports ----
  // kReady: a command may be sent now. kBusy: `process`, if given, is woken when it may ask again.
  enum class Readiness { kReady, kBusy, kGone };
  Readiness ReadyForCommand(PortId port, const std::shared_ptr<Process>& process);
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
  static ErlDrvPort HandleOf(PortId port);
  static PortId IdOfHandle(ErlDrvPort handle);
  // The live port behind a handle whose lock (or port data lock) this thread holds; null otherwise.
  Port* Held(ErlDrvPort handle);
  // The slot's port when `id` lives there; take its lock and look again before using it.
  Port* Find(PortId id) { return table_.Find(id); }

  // The connected process (null: gone) of a live port whose lock this thread does NOT hold. False:
  // no such port.
  bool OwnerOf(PortId id, std::shared_ptr<Process>& owner);

  Services& services() { return services_; }
  const Limits& limits() const { return services_.limits; }

 private:
  friend class PortExecutor;
  friend class Port;
  BusyLimits MessageQueueLimits(const Driver& driver, const StartOptions& options) const;
  void FailQueued(Port& port);
  void WakeSuspended(Port& port);
  void MessageQueueShrank(Port& port);
  void DropAsyncJob(void* payload);
  void SendDown(Pid to, RefId reference, PortId port, const Term& reason);
  // Gives the slot back if the port died, releases the lock, and has the port run again when
  // signals wait.
  void Leave(Port& port, OrderedMutex& lock, PortId id) NO_THREAD_SAFETY_ANALYSIS;
  // Takes the port's lock; false (and no lock) when another port, or none, lives in the slot by
  // now.
  bool TryEnter(Port& port, PortId id, OrderedMutex** held);

  Services services_;
  PortTable<Port> table_;
};

}  // namespace portlab
