#include "bif/port_send.h"

#include "bif/port_command.h"
#include "term/known_atoms.h"

namespace portlab {
namespace {

// The signal a message means; kBadSignal for anything else.
PortSignal SignalOf(Pid sender, const Term& message) {
  PortSignal signal{};
  signal.caller = sender;
  signal.kind = SignalKind::kBadSignal;
  if (!message.is(TermKind::kTuple) || message.tuple().size() != 2) return signal;
  const Term& from = message.tuple()[0];
  const Term& what = message.tuple()[1];
  if (!from.is(TermKind::kPid)) return signal;
  signal.from = from.as_pid();
  signal.as_owner = true;
  if (what.is_atom("close")) {
    signal.kind = SignalKind::kClose;
    signal.answer_closed = true;
  } else if (what.is_tagged("command", 2)) {
    const auto bytes = IodataBytes(what.tuple()[1]);
    if (!bytes) return signal;
    signal.kind = SignalKind::kCommand;
    signal.data = what.tuple()[1];
    signal.data_bytes = *bytes;
  } else if (what.is_tagged("connect", 2) && what.tuple()[1].is(TermKind::kPid)) {
    signal.kind = SignalKind::kConnect;
    signal.target = what.tuple()[1].as_pid();
  }
  return signal;
}

bool IsCommand(const Term& message) {
  return message.is(TermKind::kTuple) && message.tuple().size() == 2 &&
         message.tuple()[0].is(TermKind::kPid) && message.tuple()[1].is_tagged("command", 2);
}

// False: there is no such port.
bool Send(Process& self, PortId port, PortSignal&& signal) {
  return Ports::Get().Submit(port, signal, &self, Ports::Answer::kNone).how !=
         Ports::Submitted::kNoPort;
}

}  // namespace

void SendToPort(Process& self, PortId port, const Term& message) {
  Send(self, port, SignalOf(self.pid(), message));
}

std::optional<Result<Term>> PortSend::operator()() {
  PortSignal signal = SignalOf(self_.pid(), message_);
  // With wrong data, too: it is looked at when the port is not busy.
  if (IsCommand(message_)) {
    const auto readiness = Ports::Get().ReadyForCommand(port_, nosuspend_ ? nullptr : &self_);
    if (readiness == Ports::Readiness::kBusy) {
      if (nosuspend_) return Term::Bool(false);
      return std::nullopt;  // suspended; woken when the port is no longer busy, or gone
    }
  }
  Send(self_, port_, std::move(signal));
  return Term::Bool(true);
}

void ExitPort(Process& self, PortId port, Term reason) {
  PortSignal signal{};
  signal.kind = SignalKind::kExit;
  signal.from = self.pid();
  signal.data = std::move(reason);
  Send(self, port, std::move(signal));
}

void EndPort(Process& self, PortId port) {
  PortSignal signal{};
  signal.kind = SignalKind::kExit;
  signal.from = self.pid();
  signal.data = Known().kill;
  signal.final = true;
  Send(self, port, std::move(signal));
}

Result<void> LinkPort(Process& self, PortId port) {
  // First on this side: if the process exits before the port has served the signal, its exit signal
  // follows the link.
  self.AddLink(port.word());
  PortSignal signal{};
  signal.kind = SignalKind::kLink;
  signal.from = self.pid();
  if (Send(self, port, std::move(signal))) return {};
  if (!self.trap_exit()) {
    self.RemoveLink(port.word());
    return Fail(Error{ErrorType::kBadArg, 0, "noproc", "no such port to link to"});
  }
  Ports::Get().RefuseLink(self.pid(), port);
  return {};
}

void UnlinkPort(Process& self, PortId port) {
  self.RemoveLink(port.word());
  PortSignal signal{};
  signal.kind = SignalKind::kUnlink;
  signal.from = self.pid();
  Send(self, port, std::move(signal));
}

RefId MonitorPort(Process& self, PortId port) {
  PortSignal signal{};
  signal.kind = SignalKind::kMonitor;
  signal.from = self.pid();
  signal.reference = ProcessTable::NewReference();
  const RefId reference = signal.reference;
  if (!Send(self, port, std::move(signal))) {
    self.Deliver(Term::Tuple({Term::Atom("DOWN"), Term::Of(reference), Term::Atom("port"),
                              Term::Of(port), Term::Atom("noproc")}));
  }
  return reference;
}

void DemonitorPort(Process& self, PortId port, RefId reference) {
  PortSignal signal{};
  signal.kind = SignalKind::kDemonitor;
  signal.from = self.pid();
  signal.reference = reference;
  Send(self, port, std::move(signal));
}

}  // namespace portlab
