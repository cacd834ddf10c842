// What each signal does to a port. One function per kind; Execute is the table.
#include <cstring>

#include "driver/callback_scope.h"
#include "port/port_executor.h"
#include "term/known_atoms.h"

namespace portlab {
namespace {

ErlDrvEvent EventOf(int fd) {
  return reinterpret_cast<ErlDrvEvent>(static_cast<std::intptr_t>(fd));
}

// Beside KnownAtoms, those of port_info alone.
struct InfoAtoms {
  const Term name = Term::Atom("name");
  const Term links = Term::Atom("links");
  const Term id = Term::Atom("id");
  const Term input = Term::Atom("input");
  const Term output = Term::Atom("output");
  const Term os_pid = Term::Atom("os_pid");
  const Term undefined = Term::Atom("undefined");
  const Term monitors = Term::Atom("monitors");
  const Term monitored_by = Term::Atom("monitored_by");
  const Term memory = Term::Atom("memory");
  const Term queue_size = Term::Atom("queue_size");
  const Term locking = Term::Atom("locking");
  const Term port_level = Term::Atom("port_level");
  const Term driver_level = Term::Atom("driver_level");
  const Term parallelism = Term::Atom("parallelism");
  const Term false_ = Term::Bool(false);

  static const InfoAtoms& Get() {
    static const InfoAtoms* const atoms = new InfoAtoms;
    return *atoms;
  }
};

}  // namespace

Result<Term> PortExecutor::Execute(PortSignal& signal) {
  switch (signal.kind) {
    case SignalKind::kCommand:
      return Command(signal);
    case SignalKind::kControl:
      return Control(signal);
    case SignalKind::kCall:
      return Call(signal);
    case SignalKind::kConnect:
      return Connect(signal);
    case SignalKind::kClose:
      return CloseSignal(signal);
    case SignalKind::kExit:
      ExitSignal(signal);
      break;
    case SignalKind::kBadSignal:
      BadSignal();
      break;
    case SignalKind::kInfo:
      return Info();
    case SignalKind::kLink:
      Link(signal.from);
      break;
    case SignalKind::kUnlink:
      body_.links.erase(signal.from.word());
      break;
    case SignalKind::kMonitor:
      Monitor(signal.from, signal.reference);
      break;
    case SignalKind::kDemonitor:
      body_.extras().watchers.erase(signal.reference);
      break;
    case SignalKind::kProcessExit:
      ProcessExit(signal);
      break;
    case SignalKind::kEvent:
      Event(signal.event);
      break;
    case SignalKind::kDriverUnloaded:
      if (port_.driver() == signal.driver) Terminate(Term::Atom("driver_unloaded"));
      break;
    case SignalKind::kOutputLimit:
      Close(Term::Atom("output_limit"), true);
      break;
  }
  return Known().true_;
}

Result<Term> PortExecutor::Connect(PortSignal& signal) {
  if (signal.as_owner && signal.from != port_.connected()) {
    BadSignal();
    return Known().true_;
  }
  if (port_.state() != PortState::kOpen) return Fail(Error::BadArg("the port is closing"));
  auto target = ports_.services_.processes->Find(signal.target);
  if (signal.link) {
    // port_connect/2: the new owner must live and is linked; the old one stays linked and gets no
    // message.
    if (target == nullptr || !target->AddLink(port_.id().word()))
      return Fail(Error::BadArg("no such process"));
    body_.links.insert(signal.target.word());
  } else {
    Deliver(Known().connected);  // to the old owner
  }
  port_.set_connected(signal.target);
  body_.owner = std::move(target);
  return Known().true_;
}

Result<Term> PortExecutor::CloseSignal(PortSignal& signal) {
  if (signal.as_owner && signal.from != port_.connected()) {
    BadSignal();
    return Known().true_;
  }
  if (port_.state() != PortState::kOpen) return Fail(Error::BadArg("the port is closing"));
  if (signal.answer_closed) body_.extras().answer_closed_to = signal.from;
  Close(Known().normal, false);
  return Known().true_;
}

void PortExecutor::ExitSignal(const PortSignal& signal) {
  const bool owner = signal.from == port_.connected();
  if (signal.from_link) {
    const bool linked = body_.links.erase(signal.from.word());
    if (owner) body_.owner = nullptr;
    if (!linked) return;  // unlinked meanwhile: the port lives on, an orphan if this was its owner
    if (!owner && signal.data == Known().normal) return;
  }
  // A closing port has had its exit signal: no other one hurries it, kill neither.
  if (port_.state() == PortState::kClosing && !signal.final) return;
  const bool kill = signal.data == Known().kill;
  Close(kill ? Known().killed : signal.data, kill);
}

void PortExecutor::BadSignal() {
  // A closing port drops what is sent to it, right or wrong.
  if (body_.owner == nullptr || port_.state() == PortState::kClosing) return;
  // A linked owner that does not trap exits dies of it and takes the port along, through its link.
  body_.owner->ExitSignal(Term::Of(port_.id()), Term::Atom("badsig"), true);
}

void PortExecutor::Link(Pid from) {
  if (port_.state() == PortState::kClosing) {
    ports_.RefuseLink(from, port_.id());
    return;
  }
  // Also for a process that has exited meanwhile: its exit signal is behind this one in the queue.
  body_.links.insert(from.word());
}

void PortExecutor::Monitor(Pid from, RefId reference) {
  if (port_.state() == PortState::kClosing) {
    ports_.SendDown(from, reference, port_.id(), Term::Atom("noproc"));
    return;
  }
  body_.extras().watchers.emplace(reference, from);
}

void PortExecutor::ProcessExit(const PortSignal& signal) {
  if (!Monitors(signal.reference)) return;  // demonitored meanwhile
  if (entry().process_exit != nullptr) {
    ErlDrvMonitor monitor = MonitorOf(signal.reference, signal.target);
    CallbackScope scope(CallbackKind::kProcessExit, port_.id(), port_.driver(), Pid{});
    entry().process_exit(body_.data, &monitor);
  }
  if (Dead()) return;
  // Only now, so that driver_get_monitored_process still works inside the callback.
  {
    const SharedScope scope(body_);
    body_.shared().driver_monitors.erase(signal.reference);
  }
  AfterCallback();
}

bool PortExecutor::Monitors(RefId reference) const {
  if (body_.shared_made == nullptr) return false;
  const SharedScope scope(body_);
  return body_.shared_made->driver_monitors.contains(reference);
}

ErlDrvMonitor PortExecutor::MonitorOf(RefId reference, Pid pid) {
  ErlDrvMonitor monitor{};
  const std::uint64_t words[2] = {reference.number, pid.number};
  static_assert(sizeof(words) <= sizeof(monitor.data));
  std::memcpy(monitor.data, words, sizeof(words));
  return monitor;
}

void PortExecutor::Event(const PortEvent& event) {
  switch (event.kind) {
    case PortEventKind::kReadyInput:
      FdEvent(event, true);
      break;
    case PortEventKind::kReadyOutput:
      FdEvent(event, false);
      break;
    case PortEventKind::kTimeout:
      Timeout(event.serial);
      break;
    case PortEventKind::kAsyncDone:
      AsyncDone(event.payload);
      break;
  }
}

void PortExecutor::FdEvent(const PortEvent& event, bool input) {
  CheckIo& check_io = *ports_.services_.check_io;
  const PortId id = port_.id();
  // Stale when the driver deselected the fd, or another port took it over, after the event was
  // posted.
  if (!check_io.Claim(id, event.fd, input, event.serial)) return;
  {
    CallbackScope scope(input ? CallbackKind::kReadyInput : CallbackKind::kReadyOutput, id,
                        port_.driver(), Pid{});
    auto* callback = input ? entry().ready_input : entry().ready_output;
    if (callback != nullptr) {
      callback(body_.data, EventOf(event.fd));
    } else {
      check_io.Select(id, event.fd, input ? ERL_DRV_READ : ERL_DRV_WRITE, false);
    }
  }
  if (Dead()) return;
  check_io.Rearm(id, event.fd, input, event.serial);
  AfterCallback();
}

void PortExecutor::Timeout(std::uint64_t serial) {
  // Cancelled or set anew meanwhile.
  if (!body_.timer_is_set() || serial != body_.extras().timer_serial) return;
  body_.extras().timer_id = 0;
  if (entry().timeout == nullptr) return;
  CallbackScope scope(CallbackKind::kTimeout, port_.id(), port_.driver(), Pid{});
  entry().timeout(body_.data);
  if (!Dead()) AfterCallback();
}

void PortExecutor::AsyncDone(void* payload) {
  std::unique_ptr<AsyncJob> job(static_cast<AsyncJob*>(payload));
  if (entry().ready_async == nullptr) {
    if (job->free != nullptr) job->free(job->data);
    return;
  }
  CallbackScope scope(CallbackKind::kReadyAsync, port_.id(), port_.driver(), Pid{});
  entry().ready_async(body_.data, static_cast<ErlDrvThreadData>(job->data));
  if (!Dead()) AfterCallback();
}

std::vector<Term> PortExecutor::Monitored() const {
  std::vector<Term> monitored;
  if (body_.shared_made == nullptr) return monitored;
  const SharedScope scope(body_);
  for (const auto& [reference, pid] : body_.shared_made->driver_monitors) {
    monitored.push_back(Term::Tuple({Term::Atom("process"), Term::Of(pid)}));
  }
  return monitored;
}

// Who has exited does not watch any more.
std::vector<Term> PortExecutor::Watchers() const {
  std::vector<Term> watchers;
  if (body_.extras_made == nullptr) return watchers;
  for (const auto& [reference, pid] : body_.extras_made->watchers) {
    if (ports_.services_.processes->Find(pid) != nullptr) watchers.push_back(Term::Of(pid));
  }
  return watchers;
}

Term PortExecutor::Info() const {
  const InfoAtoms& key = InfoAtoms::Get();
  std::vector<Term> links;
  body_.links.ForEach([&](TermWord pid) { links.push_back(Term::Of(Pid::FromWord(pid))); });
  const Term items[] = {
      Term::Pair(key.name, Term::String(port_.name())),
      Term::Pair(key.links, Term::List(links)),
      Term::Pair(key.id, Term::Uint(ports_.SlotOf(port_.id()))),
      Term::Pair(Known().connected, Term::Of(port_.connected())),
      Term::Pair(key.input, Term::Uint(body_.input_bytes)),
      Term::Pair(key.output, Term::Uint(body_.output_bytes)),
      Term::Pair(key.os_pid, body_.os_pid() < 0 ? key.undefined : Term::Int(body_.os_pid())),
      Term::Pair(key.monitors, Term::List(Monitored())),
      Term::Pair(key.monitored_by, Term::List(Watchers())),
      Term::Pair(key.memory, Term::Uint(sizeof(Port) + body_.queued_bytes())),
      Term::Pair(key.queue_size, Term::Uint(body_.queued_bytes())),
      Term::Pair(key.locking, port_.driver()->port_locking() ? key.port_level : key.driver_level),
      Term::Pair(key.parallelism, port_.parallelism() ? Known().true_ : key.false_),
  };
  return Term::List(items);
}

}  // namespace portlab
