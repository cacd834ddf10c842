#include "fuzz/operation_runner.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "fuzz/operations/text.h"
#include "fuzz/payload_term.h"
#include "fuzz/state_counters.h"
#include "term/known_atoms.h"

namespace portlab {
namespace {

constexpr CommandFlags kAtOnce = {.force = false, .nosuspend = true};

Term Pieces(Bytes bytes, std::size_t piece_bytes) {
  std::vector<Term> pieces;
  while (!bytes.empty()) {
    const Bytes piece = bytes.first(std::min(piece_bytes, bytes.size()));
    pieces.push_back(Term::Binary(piece));
    bytes = bytes.subspan(piece.size());
  }
  return Term::List(pieces);
}

// A name that cannot fill the atom table.
Term ExitReason(Bytes bytes) {
  static const Term& shutdown = *new Term(Term::Atom("shutdown"));
  if (bytes.empty()) return Known().normal;
  return bytes[0] % 2 == 0 ? Known().kill : shutdown;
}

// {Self, What}, as in Port ! {self(), What}.
Term FromSelf(const Process& self, Term what) {
  return Term::Tuple({Term::Of(self.pid()), std::move(what)});
}

Term CommandMessage(Bytes bytes) {
  static const Term& command = *new Term(Term::Atom("command"));
  return Term::Tuple({command, Term::Binary(bytes)});
}

const Term& CloseMessage() {
  static const Term& close = *new Term(Term::Atom("close"));
  return close;
}

}  // namespace

OperationRunner::OperationRunner(DriverUnderTest& driver)
    : driver_(driver), runtime_(driver.runtime()), other_(runtime_.processes()) {
  other_->set_trap_exit(true);
}

void OperationRunner::Run(Bytes input) {
  OperationReader reader(input);
  OperationView operation;
  for (std::size_t number = 1; reader.Next(operation); ++number) {
    if (driver_.traces()) {
      std::fprintf(stderr, "portlab: operation %zu: %s\n", number,
                   PrintOperation(Operation(operation)).c_str());
    }
    if (!driver_.counts_states()) {
      Do(operation);
      continue;
    }
    const std::uint32_t before = SituationOf(Slot(operation));
    Do(operation);
    CountTransition(before, operation.kind, SituationOf(Slot(operation)));
  }
  for (PortId& port : ports_) {
    if (port) driver_.Close(std::exchange(port, PortId{}));
  }
  driver_.AwaitClosed();
  while (other_->TryReceive()) continue;
}

void OperationRunner::Do(const OperationView& operation) {
  if (operation.kind == OperationKind::kOpen) return Open(operation);
  if (operation.kind == OperationKind::kAdvance) return PassTime(operation.number * kMillisecond);
  if (operation.kind == OperationKind::kSettle) return PassTime(kMillisecond);
  const PortId port = Slot(operation);
  if (!port) return;
  Process& self = driver_.self();
  switch (operation.kind) {
    case OperationKind::kCommand:
      return Command(operation, Term::Binary(operation.bytes));
    case OperationKind::kCommandList:
      return Command(operation, Term::String(operation.bytes));
    case OperationKind::kPieces:
      return Command(operation, Pieces(operation.bytes, operation.number + std::size_t{1}));
    case OperationKind::kSend:
      return runtime_.Send(self, port, FromSelf(self, CommandMessage(operation.bytes)));
    case OperationKind::kControl:
      (void)runtime_.PortControl(self, port, operation.number, operation.bytes);
      return;
    case OperationKind::kCall:
      (void)runtime_.PortCall(self, port, operation.number, TermFromPayload(operation.bytes));
      return;
    case OperationKind::kClose:
      (void)runtime_.PortClose(self, port);
      return;
    case OperationKind::kSendClose:
      return runtime_.Send(self, port, FromSelf(self, CloseMessage()));
    case OperationKind::kConnect:
      return Connect(port);
    case OperationKind::kExit:
      return runtime_.Exit(self, port, ExitReason(operation.bytes));
    case OperationKind::kOwnerExit:
      return OwnerExit(port);
    case OperationKind::kInfo:
      (void)runtime_.PortInfo(self, port);
      return;
    case OperationKind::kOpen:
    case OperationKind::kAdvance:
    case OperationKind::kSettle:
      return;
  }
}

void OperationRunner::Open(const OperationView& operation) {
  PortId& slot = Slot(operation);
  // One port a slot, until it is closed. Zeros are opens: many that do nothing cost nothing.
  if (SituationOf(slot) != 0) return;
  slot = driver_.Open(operation.number, AsText(operation.bytes)).value_or(PortId{});
}

void OperationRunner::Command(const OperationView& operation, Term iodata) {
  (void)runtime_.PortCommand(driver_.self(), Slot(operation), std::move(iodata), kAtOnce);
}

void OperationRunner::Connect(PortId port) {
  const auto slot = static_cast<std::size_t>(std::ranges::find(ports_, port) - ports_.begin());
  bool& with_other = with_other_[slot];
  Process& to = with_other ? driver_.self() : *other_;
  if (runtime_.PortConnect(driver_.self(), port, to.pid())) with_other = !with_other;
}

void OperationRunner::OwnerExit(PortId port) {
  const ThreadProcess last(runtime_.processes());
  if (!runtime_.PortConnect(driver_.self(), port, last->pid())) return;
  runtime_.UnlinkPort(driver_.self(), port);
}

void OperationRunner::PassTime(Nanos duration) {
  const Nanos until = MonotonicNow() + duration;
  driver_.self().ReceiveUntil(until, [](const Term&) { return false; });
}

}  // namespace portlab
