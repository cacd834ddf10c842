// Start here. The port runtime: processes, ports, drivers and programs, in one object.
//
//   portlab::Runtime runtime({.limits = {.port_limit = 1024, .scheduler_threads = 2}});
//   portlab::ThreadProcess self(runtime.processes());  // makes this thread an Erlang process
//
//   auto name = runtime.ddll().LoadDriverFile("build/echo_drv.so");
//
//   auto port = runtime.OpenPort(*self, "{spawn_driver,\"echo_drv\"}", "[binary]");
//
//   runtime.PortCommand(*self, *port, portlab::Term::Binary("hello"));
//
//   auto message = self->ReceiveUntil(portlab::kForever);  // {#Port<0.0>,{data,<<"hello">>}}
//
// Threads: all functions from any thread; those with `self` from the body of that process, which
// must be a thread process (coroutine bodies use the step functions in bif/ with co_await
// self.Until(…)). Ownership: owns everything below it. One Runtime per OS process, enforced: the C
// driver API has calls without a handle. Errors: Result, with OTP's reasons. A process that an exit
// signal ends sees ProcessExited. Source: erlang(3erl), erl_ddll(3erl).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "portlab/ddll.h"
#include "portlab/error.h"
#include "portlab/limits.h"
#include "portlab/process.h"
#include "portlab/term.h"
#include "process/process_table.h"

namespace portlab {

struct RuntimeOptions {
  Limits limits;
  // A seed makes the run deterministic: one thread moves at a time and time is virtual
  // (base/order.h, "baton").
  std::optional<std::uint64_t> baton_seed;
  // With a seed: no scheduler and no polling thread; what is to be done is done by the one thread
  // that waits, while it waits (a fuzz target's). Much faster, as no thread is woken for it.
  bool work_in_caller = false;
  // Misuse of the driver API stops the host with a report (the lab's default), or does what OTP
  // does.
  bool strict = true;
  // Empty: beside the running executable.
  std::string spawn_server;
  // What drivers allocate lies between inaccessible pages, so that a wild access ends the host at
  // once, and the black box says which (driver/guarded_memory.h). Of the whole process, and for
  // good.
  bool guarded_memory = false;
};

struct CommandFlags {
  bool force = false;
  bool nosuspend = false;
};

class Runtime {
 public:
  explicit Runtime(RuntimeOptions options = {});
  // Closes every port, ends programs and threads. REQUIRES: no callback is stuck (see Stop).
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  ProcessTable& processes();
  Ddll& ddll();

  // ---- BIFs. Arguments that are Erlang terms may be given as text. ----
  Result<PortId> OpenPort(Process& self, const Term& name, const Term& options);
  Result<PortId> OpenPort(Process& self, std::string_view name, std::string_view options);
  // False: the port is busy and nosuspend was asked for.
  Result<bool> PortCommand(Process& self, PortId port, Term iodata, CommandFlags flags = {});
  Result<Term> PortControl(Process& self, PortId port, std::uint32_t operation, Bytes data);
  Result<Term> PortCall(Process& self, PortId port, std::uint32_t operation, Term term);
  Result<void> PortClose(Process& self, PortId port);
  Result<void> PortConnect(Process& self, PortId port, Pid new_owner);
  // The list of {Item,Value}, or the atom undefined for a port that is gone.
  Term PortInfo(Process& self, PortId port);
  // Port ! Message, but never suspended.
  void Send(Process& self, PortId port, const Term& message);
  // Port ! Message, and erlang:send/3: a command waits while the port is busy; false instead with
  // nosuspend.
  bool SendOrWait(Process& self, PortId port, const Term& message, bool nosuspend = false);
  void Exit(Process& self, PortId port, Term reason);
  // Not a BIF: ends a port that an exit signal would not, as it is closing and its queue never
  // drains.
  void EndPort(Process& self, PortId port);
  RefId MonitorPort(Process& self, PortId port);
  // noproc: no such port, and `self` does not trap exits.
  Result<void> LinkPort(Process& self, PortId port);
  void UnlinkPort(Process& self, PortId port);

  // erlang:ports(), and system_info(port_count | port_limit).
  std::vector<PortId> Ports() const;
  std::uint32_t port_count() const;
  std::uint32_t port_limit() const;

  // ---- For reports ----
  // Scheduler threads that have been inside one callback or process for longer than `limit`.
  int StuckSchedulers(Nanos limit) const;
  // Closes all ports and waits up to `patience` for the schedulers. False: some are stuck; the
  // process must end with _exit, without destroying the Runtime.
  bool Stop(Nanos patience);
  // Equal for equal seeds when the run was deterministic.
  std::uint64_t order_digest() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace portlab
