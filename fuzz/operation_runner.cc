#include "fuzz/operation_runner.h"

#include <algorithm>
#include <regex>
#include <utility>
#include <vector>

#include "driver/driver_memory.h"
#include "fuzz/operations/text.h"
#include "fuzz/payload_term.h"
#include "fuzz/state_counters.h"
#include "port/ports.h"
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

// Without the numbers of ports, processes and references: they are others in each run.
std::string WithoutNumbers(const std::string& text) {
  static const std::regex& numbers =
      *new std::regex(R"((#Port|#Ref)<[0-9.]*>|<[0-9]+\.[0-9]+\.[0-9]+>|(\{id,)[0-9]+\})");
  return std::regex_replace(text, numbers, "$1$2<>");
}

// The first bit of its situation alone: asked before each operation.
bool IsLive(PortId id) {
  const Port* port = id ? Ports::Get().Find(id) : nullptr;
  return port != nullptr && port->Lives();
}

std::string InWords(const Term& answer) { return answer.ToString(); }
std::string InWords(bool taken) { return taken ? "true" : "false"; }

}  // namespace

OperationRunner::OperationRunner(DriverUnderTest& driver)
    : driver_(driver), runtime_(driver.runtime()), other_(runtime_.processes()) {
  other_->set_trap_exit(true);
}

void OperationRunner::Run(Bytes input, RunRecord* record) {
  record_ = record;
  OperationReader reader(input);
  OperationView operation;
  for (std::size_t number = 1; reader.Next(operation); ++number) Step(operation, number);
  End();
}

void OperationRunner::Step(const OperationView& operation, std::size_t number) {
  if (driver_.traces()) {
    std::fprintf(stderr, "portlab: operation %zu: %s\n", number,
                 PrintOperation(Operation(operation)).c_str());
  }
  if (!driver_.counts_states()) return Do(operation);
  const std::uint32_t before = SituationOf(Slot(operation));
  if (driver_.surveys()) TellReached(before, operation.kind);
  Do(operation);
  const std::uint32_t after = SituationOf(Slot(operation));
  CountTransition(before, operation.kind, after);
  if (record_ == nullptr) return;
  record_->push_back(answer_ + SituationInWords(after));
  answer_.clear();
}

void OperationRunner::End() {
  // What is found from here on is no operation's.
  if (driver_.traces()) std::fputs("portlab: operation 0: end of the input\n", stderr);
  for (PortId& port : ports_) {
    if (port) driver_.Close(std::exchange(port, PortId{}));
  }
  if (record_ != nullptr) {
    RecordMessages(driver_.self());
    RecordMessages(*other_);
  }
  driver_.AwaitClosed();
  with_other_.fill(false);
  FailDriverAllocation(0);
  other_->DropMessages();
}

void OperationRunner::RecordMessages(Process& process) {
  while (const std::optional<Term> message = process.TryReceive()) {
    record_->push_back("message " + WithoutNumbers(message->ToString()));
  }
}

template <class T>
void OperationRunner::Answered(const Result<T>& answer) {
  if (record_ == nullptr) return;
  answer_ = answer ? "" : answer.error().Reason();
  if constexpr (!std::is_void_v<T>) {
    if (answer) answer_ = WithoutNumbers(InWords(*answer));
  }
  answer_ += ", ";
}

void OperationRunner::Do(const OperationView& operation) {
  if (operation.kind == OperationKind::kOpen) return Open(operation);
  if (operation.kind == OperationKind::kAdvance) return PassTime(operation.number * kMillisecond);
  if (operation.kind == OperationKind::kSettle) return PassTime(kMillisecond);
  if (operation.kind == OperationKind::kFailAlloc) {
    return FailDriverAllocation(operation.number + 1);
  }
  // What no driver would hear of is not worth its time.
  const PortId port = Slot(operation);
  if (!IsLive(port)) return;
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
      return Answered(runtime_.PortControl(self, port, operation.number, operation.bytes));
    case OperationKind::kCall:
      return Answered(
          runtime_.PortCall(self, port, operation.number, TermFromPayload(operation.bytes)));
    case OperationKind::kClose:
      return Answered(runtime_.PortClose(self, port));
    case OperationKind::kSendClose:
      return runtime_.Send(self, port, FromSelf(self, CloseMessage()));
    case OperationKind::kConnect:
      return Connect(port);
    case OperationKind::kExit:
      return runtime_.Exit(self, port, ExitReason(operation.bytes));
    case OperationKind::kOwnerExit:
      return OwnerExit(port);
    case OperationKind::kInfo:
      return Answered(Result<Term>(runtime_.PortInfo(self, port)));
    case OperationKind::kOpen:
    case OperationKind::kAdvance:
    case OperationKind::kSettle:
    case OperationKind::kFailAlloc:
      return;
  }
}

void OperationRunner::Open(const OperationView& operation) {
  PortId& slot = Slot(operation);
  // One port a slot, until it is closed. Zeros are opens: many that do nothing cost nothing.
  if (IsLive(slot)) return;
  with_other_[operation.port] = false;
  slot = driver_.Open(operation.number, AsText(operation.bytes)).value_or(PortId{});
}

void OperationRunner::Command(const OperationView& operation, Term iodata) {
  Answered(runtime_.PortCommand(driver_.self(), Slot(operation), std::move(iodata), kAtOnce));
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
