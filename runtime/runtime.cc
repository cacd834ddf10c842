// Wires all areas together: the only file that knows every one of them.
#include "portlab/runtime.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <thread>

#include "async/async_pool.h"
#include "base/check.h"
#include "base/ordered_thread.h"
#include "base/stop_hook.h"
#include "bif/open_port.h"
#include "bif/port_call.h"
#include "bif/port_close.h"
#include "bif/port_command.h"
#include "bif/port_connect.h"
#include "bif/port_control.h"
#include "bif/port_info.h"
#include "bif/port_send.h"
#include "check_io/check_io.h"
#include "check_io/epoll_pollset.h"
#include "driver/contract.h"
#include "driver/driver_registry.h"
#include "driver/guarded_memory.h"
#include "driver/stack_report.h"
#include "driver_api/api_functions.h"
#include "driver_api/environment.h"
#include "driver_api/system_info.h"
#include "launch/spawn_client.h"
#include "port/ports.h"
#include "scheduler/scheduler.h"
#include "spawn/fd_driver.h"
#include "spawn/spawn_driver.h"
#include "spawn/vanilla_driver.h"
#include "term/known_atoms.h"
#include "term/parse.h"
#include "timer/timer_service.h"
#include "timer/timer_thread.h"

namespace portlab {
namespace {

int SchedulerThreads(const Limits& limits) {
  if (limits.scheduler_threads != 0) return static_cast<int>(limits.scheduler_threads);
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

// First of the parts, so that it is the last to go.
struct OrderInstalled {
  explicit OrderInstalled(const std::optional<std::uint64_t>& seed) : baton(seed.has_value()) {
    if (!baton) return;
    Order::InstallBaton(*seed);
    Order::Join("main");
  }
  ~OrderInstalled() {
    if (!baton) return;
    Order::Leave();
    Order::Uninstall();
  }
  const bool baton;
};

// An idle scheduler thread waits where the descriptors are.
class IdlePolling : public IdleWait {
 public:
  explicit IdlePolling(CheckIo& check_io) : check_io_(check_io) {}
  void Wait() override { check_io_.PollFor(-1); }
  void Wake() override { check_io_.Wake(); }
  void Look() override { check_io_.PollFor(0); }

 private:
  CheckIo& check_io_;
};

}  // namespace

struct Runtime::Parts {
  explicit Parts(const RuntimeOptions& options)
      : order(options.baton_seed),
        limits(options.limits),
        scheduler(SchedulerThreads(limits)),
        ports(limits),
        processes({&scheduler, &ports,
                   [this](Nanos deadline, std::weak_ptr<Process> process) {
                     WakeAt(deadline, std::move(process));
                   },
                   options.work_in_caller ? [this](Nanos deadline) { WorkUntil(deadline); }
                                          : std::function<void(Nanos)>()}),
        check_io(std::make_unique<EpollPollset>(), ports),
        async(static_cast<int>(limits.async_threads), ports),
        spawn_client(options.spawn_server.empty() ? SpawnClient::DefaultServerPath()
                                                  : options.spawn_server),
        ddll(drivers) {}

  void WakeAt(Nanos deadline, std::weak_ptr<Process> process) {
    timers.Start(deadline, [process = std::move(process)] {
      if (auto alive = process.lock()) alive->Wake();
    });
  }

  void AddBuiltInDrivers() {
    const ChannelLimits channel = {
        limits.packet_bytes_max,
        {limits.driver_queue_busy_low_bytes, limits.driver_queue_busy_high_bytes}};
    ConnectSpawnDriver({&spawn_client, [] { return Environment::Get().Contents(); }, channel});
    ConnectFdDriver(channel);
    ConnectVanillaDriver(channel);
    for (const ErlDrvEntry* entry :
         {&SpawnDriverEntry(), &FdDriverEntry(), &VanillaDriverEntry()}) {
      const bool added = drivers.AddLinkedIn(*entry, true).has_value();
      PORTLAB_CHECK(added, "a driver of ours is a valid driver");
    }
  }

  // With the baton, one thread waits for descriptors and timers.
  void PollLoop() {
    while (!stopping.load()) {
      timers.AdvanceTo(MonotonicNow());
      check_io.Poll(timers.NextDeadline().value_or(kForever));
    }
  }

  // With real threads idle schedulers wait for descriptors, and one thread for timers.
  void StartThreads() {
    if (order.baton) {
      timers.OnEarlier([this] { check_io.Wake(); });
      scheduler.Start();
      poller = OrderedThread("poller", [this] { PollLoop(); });
    } else {
      timer_thread.Start();
      scheduler.Start(&idle_wait);
    }
  }

  // One piece of what the scheduler and the polling thread would do.
  void WorkUntil(Nanos deadline) {
    if (scheduler.RunNext() || timers.AdvanceTo(MonotonicNow()) != 0) return;
    check_io.Poll(std::min(deadline, timers.NextDeadline().value_or(kForever)));
  }

  OrderInstalled order;
  const Limits limits;
  Scheduler scheduler;
  TimerService timers;
  DriverRegistry drivers;
  portlab::Ports ports;
  ProcessTable processes;
  CheckIo check_io;
  AsyncPool async;
  SpawnClient spawn_client;
  Ddll ddll;
  IdlePolling idle_wait{check_io};
  std::atomic<bool> stopping{false};
  TimerThread timer_thread{timers};
  OrderedThread poller;
  bool stopped = false;
};

Runtime::Runtime(RuntimeOptions options) {
  // A driver that writes to a closed pipe gets EPIPE, as in the emulator.
  std::signal(SIGPIPE, SIG_IGN);
  if (options.guarded_memory) GuardedMemory::TurnOn();
  SetContract(options.strict ? Contract::kStrict : Contract::kOtp, ApiFunctionName);
  parts_ = std::make_unique<Parts>(options);
  Parts& parts = *parts_;
  parts.ports.Connect({parts.limits, &parts.scheduler, &parts.processes, &parts.drivers,
                       &parts.timers, &parts.check_io, &parts.async});
  parts.drivers.Connect({[&parts](Pid to, Term message) {
                           if (auto process = parts.processes.Find(to))
                             process->Deliver(std::move(message));
                         },
                         [&parts](Driver& driver) { parts.ports.EndPortsOf(driver); }});
  SystemInfo info;
  info.async_threads = parts.async.threads();
  info.scheduler_threads = parts.scheduler.threads();
  SetSystemInfo(info);
  parts.AddBuiltInDrivers();
  SetLastWords([] {
    WriteDriverStack(STDERR_FILENO);
    portlab::Ports::Get().EmergencyClose();
  });
  PORTLAB_CHECK(!options.work_in_caller || options.baton_seed, "work_in_caller needs a baton seed");
  if (options.work_in_caller) return;
  parts.StartThreads();
}

Runtime::~Runtime() {
  const bool quiet = Stop(kForever);
  SetLastWords(nullptr);
  PORTLAB_CHECK(quiet, "a callback is stuck; the process must end instead");
}

bool Runtime::Stop(Nanos patience) {
  Parts& parts = *parts_;
  if (parts.stopped) return true;
  const Nanos deadline = patience == kForever ? kForever : MonotonicNow() + patience;
  {
    ThreadProcess closer(parts.processes);
    for (PortId port : parts.ports.List()) EndPort(*closer, port);
    // Each port ends when its signal is served; a port inside a stuck callback never does.
    while (parts.ports.count() != 0 && MonotonicNow() < deadline) {
      closer->ReceiveUntil(std::min(deadline, MonotonicNow() + kMillisecond),
                           [](const Term&) { return false; });
    }
  }
  if (parts.ports.count() != 0) return false;
  for (Pid pid : parts.processes.List()) {
    if (auto process = parts.processes.Find(pid))
      process->ExitSignal(Term::Of(pid), Term::Atom("kill"), false);
  }
  const Nanos left =
      deadline == kForever ? kForever : std::max<Nanos>(0, deadline - MonotonicNow());
  if (parts.scheduler.Stop(left) != 0) return false;
  parts.async.Stop();
  parts.stopping.store(true);
  parts.check_io.Wake();
  parts.poller.Join();
  parts.timer_thread.Stop();
  parts.stopped = true;
  return true;
}

ProcessTable& Runtime::processes() { return parts_->processes; }
Ddll& Runtime::ddll() { return parts_->ddll; }

Result<PortId> Runtime::OpenPort(Process& self, const Term& name, const Term& options) {
  return *self.BlockOn(portlab::OpenPort(self, name, options));
}

Result<PortId> Runtime::OpenPort(Process& self, std::string_view name, std::string_view options) {
  auto parsed_name = ParseTerm(name);
  if (!parsed_name) return Fail(parsed_name.error());
  auto parsed_options = ParseTerm(options);
  if (!parsed_options) return Fail(parsed_options.error());
  return OpenPort(self, *parsed_name, *parsed_options);
}

Result<bool> Runtime::PortCommand(Process& self, PortId port, Term iodata, CommandFlags flags) {
  portlab::PortCommand step(self, port, std::move(iodata),
                            CommandOptions{flags.force, flags.nosuspend});
  Result<Term> answer = *self.BlockOn(step);
  if (!answer) return Fail(answer.error());
  return *answer == Known().true_;
}

Result<Term> Runtime::PortControl(Process& self, PortId port, std::uint32_t operation, Bytes data) {
  return *self.BlockOn(portlab::PortControl(self, port, operation, data));
}

Result<Term> Runtime::PortCall(Process& self, PortId port, std::uint32_t operation, Term term) {
  return *self.BlockOn(portlab::PortCall(self, port, operation, std::move(term)));
}

Result<void> Runtime::PortClose(Process& self, PortId port) {
  Result<Term> answer = *self.BlockOn(portlab::PortClose(self, port));
  if (!answer) return Fail(answer.error());
  return {};
}

Result<void> Runtime::PortConnect(Process& self, PortId port, Pid new_owner) {
  Result<Term> answer = *self.BlockOn(portlab::PortConnect(self, port, new_owner));
  if (!answer) return Fail(answer.error());
  return {};
}

Term Runtime::PortInfo(Process& self, PortId port) {
  return **self.BlockOn(portlab::PortInfo(self, port));
}

void Runtime::Send(Process& self, PortId port, const Term& message) {
  SendToPort(self, port, message);
}
bool Runtime::SendOrWait(Process& self, PortId port, const Term& message, bool nosuspend) {
  return **self.BlockOn(PortSend(self, port, message, nosuspend)) == Known().true_;
}
void Runtime::Exit(Process& self, PortId port, Term reason) {
  ExitPort(self, port, std::move(reason));
}
void Runtime::EndPort(Process& self, PortId port) { portlab::EndPort(self, port); }
RefId Runtime::MonitorPort(Process& self, PortId port) { return portlab::MonitorPort(self, port); }
Result<void> Runtime::LinkPort(Process& self, PortId port) { return portlab::LinkPort(self, port); }
void Runtime::UnlinkPort(Process& self, PortId port) { portlab::UnlinkPort(self, port); }

std::vector<PortId> Runtime::Ports() const { return parts_->ports.List(); }
std::uint32_t Runtime::port_count() const { return parts_->ports.count(); }
std::uint32_t Runtime::port_limit() const { return parts_->ports.limit(); }
int Runtime::StuckSchedulers(Nanos limit) const { return parts_->scheduler.StuckThreads(limit); }
std::uint64_t Runtime::order_digest() const { return Order::digest(); }

}  // namespace portlab
