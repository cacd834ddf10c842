#include "faulty_drivers/trial/operation_player.h"

#include <algorithm>

#include "bif/open_port.h"
#include "bif/port_call.h"
#include "bif/port_close.h"
#include "bif/port_command.h"
#include "bif/port_connect.h"
#include "bif/port_control.h"
#include "bif/port_info.h"
#include "bif/port_send.h"
#include "driver/callback_scope.h"
#include "faulty_drivers/trial/victim.h"
#include "term/external_decoder.h"
#include "term/known_atoms.h"

namespace portlab {
namespace {

// Of kOpenLine, as in a fuzz host.
constexpr int kLineLength = 8;
// What is under way while an owner is killed.
constexpr int kCommandsUnderWay = 256;

// From any step of a BIF.
template <class Bif>
PlayStep StepOf(Bif bif) {
  return [bif = std::move(bif)]() mutable -> std::optional<bool> {
    const auto answer = bif();
    if (!answer) return std::nullopt;
    return answer->has_value();
  };
}

// For what does not wait.
PlayStep Done() {
  return [] { return std::optional<bool>(true); };
}

Body Listen(Process& self) {
  for (;;) co_await self.Receive();
}

Term Pieces(Bytes bytes, std::size_t piece_bytes) {
  std::vector<Term> pieces;
  while (!bytes.empty()) {
    const Bytes piece = bytes.first(std::min(piece_bytes, bytes.size()));
    pieces.push_back(Term::Binary(piece));
    bytes = bytes.subspan(piece.size());
  }
  return Term::List(pieces);
}

Term CallTerm(Bytes bytes) {
  Result<DecodedTerm> decoded = DecodeExternalPrefix(bytes);
  return decoded ? std::move(decoded->term) : Term::Binary(bytes);
}

Term ExitReason(Bytes bytes) {
  if (bytes.empty()) return Known().normal;
  return bytes[0] % 2 == 0 ? Known().kill : Term::Atom("shutdown");
}

// {Owner, What}, as in Port ! {Owner, What}.
Term From(Pid owner, Term what) { return Term::Tuple({Term::Of(owner), std::move(what)}); }

Term CommandMessage(Bytes bytes) {
  return Term::Tuple({Term::Atom("command"), Term::Binary(bytes)});
}

}  // namespace

bool IsThere(PortId port) { return Ports::Get().Find(port) != nullptr; }

OperationPlayer::OperationPlayer(Process& self, IsolationMode mode, std::string target,
                                 const TrialScript& script)
    : self_(self), mode_(mode), target_(std::move(target)), script_(script) {}

OperationPlayer::~OperationPlayer() {
  if (other_) other_->ExitSignal(Term::Of(self_.pid()), Known().kill, false);
}

std::shared_ptr<Process> OperationPlayer::SpawnOwner() const {
  auto owner = Ports::Get().services().processes->Spawn(Listen);
  // A port that ends with an error, or is asked wrongly, must not end it.
  owner->set_trap_exit(true);
  return owner;
}

PlayedPort* OperationPlayer::InSlot(std::uint8_t slot) {
  const auto found = std::ranges::find(ports_, slots_[slot], &PlayedPort::port);
  return found == ports_.end() ? nullptr : &*found;
}

StartOptions OperationPlayer::OptionsFor(const Operation& operation) const {
  StartOptions options;
  options.binary = true;
  if (mode_ == IsolationMode::kProgram) {
    options.name_kind = PortNameKind::kSpawnExecutable;
    options.command = target_;
    options.args = script_.args;
    options.packet_bytes = script_.packet_bytes;
    options.line_length = script_.line_length;
    options.exit_status = true;
    return options;
  }
  options.name_kind = PortNameKind::kSpawnDriver;
  options.command = target_;
  std::string_view arguments = operation.bytes;
  if (arguments.empty()) arguments = script_.start_args;
  arguments = arguments.substr(0, arguments.find('\0'));  // a command is a C string
  if (!arguments.empty()) options.command.append(" ").append(arguments);
  options.binary = (operation.number & kOpenBinary) != 0;
  options.line_length = (operation.number & kOpenLine) != 0 ? kLineLength : 0;
  options.eof = (operation.number & kOpenEof) != 0;
  return options;
}

void OperationPlayer::Opened(std::uint8_t slot, PortId port) {
  // What is gone by order has nothing to tell any more: a list of 1,000 would make all slow.
  std::erase_if(ports_, [](const PlayedPort& played) {
    return played.end_was_ordered && played.os_pid.empty() && !IsThere(played.port);
  });
  ports_.push_back({port, {}});
  slots_[slot] = port;
  opened_any_ = true;
  CallbackScope::Watch(port);  // the bystanders' callbacks are no evidence
}

PlayStep OperationPlayer::Open(const Operation& operation) {
  // One port a slot.
  PlayedPort* earlier = InSlot(operation.port);
  return [this, slot = operation.port, close = earlier == nullptr ? Done() : Close(*earlier),
          closed = false, open = OpenPort(self_, OptionsFor(operation)),
          info = std::optional<PortInfo>()]() mutable -> std::optional<bool> {
    if (!closed) {
      if (!close()) return std::nullopt;
      closed = true;
    }
    if (!info) {
      const std::optional<Result<PortId>> opened = open();
      if (!opened) return std::nullopt;
      slots_[slot] = PortId{};
      if (!*opened) {
        if (first_failure_.empty()) first_failure_ = opened->error().ToString();
        return false;
      }
      Opened(slot, **opened);
      info.emplace(self_, **opened);
    }
    const std::optional<Result<Term>> facts = (*info)();
    if (!facts) return std::nullopt;
    PlayedPort* played = InSlot(slot);
    if (*facts && played != nullptr) played->os_pid = OsPidOf(**facts);
    return true;
  };
}

PlayStep OperationPlayer::CommandStep(const Operation& operation, bool waits) {
  const Bytes bytes = operation.view().bytes;
  const PortId port = slots_[operation.port];
  const CommandOptions options = {.force = false, .nosuspend = !waits};
  switch (operation.kind) {
    case OperationKind::kCommandList:
      return StepOf(PortCommand(self_, port, Term::String(operation.bytes), options));
    case OperationKind::kPieces:
      return StepOf(
          PortCommand(self_, port, Pieces(bytes, operation.number + std::size_t{1}), options));
    default:
      return StepOf(PortCommand(self_, port, Term::Binary(bytes), options));
  }
}

PlayStep OperationPlayer::Close(PlayedPort& played) {
  played.end_was_ordered = true;
  return StepOf(PortClose(self_, played.port));
}

PlayStep OperationPlayer::Connect(PlayedPort& played) {
  if (!other_) other_ = SpawnOwner();
  const PortId port = played.port;
  const bool back = std::ranges::count(with_other_, port) != 0;
  return [this, port, back,
          connect = PortConnect(
              self_, port, back ? self_.pid() : other_->pid())]() mutable -> std::optional<bool> {
    const std::optional<Result<Term>> answer = connect();
    if (!answer) return std::nullopt;
    if (!*answer) return false;
    if (back) {
      std::erase(with_other_, port);
    } else {
      with_other_.push_back(port);
    }
    return true;
  };
}

PlayStep OperationPlayer::OwnerExit(PlayedPort& played) {
  const std::shared_ptr<Process> last = SpawnOwner();
  played.end_was_ordered = true;
  return [this, port = played.port, last,
          connect = PortConnect(self_, played.port, last->pid())]() mutable -> std::optional<bool> {
    const std::optional<Result<Term>> answer = connect();
    if (!answer) return std::nullopt;
    if (*answer) UnlinkPort(self_, port);
    last->ExitSignal(Term::Of(self_.pid()), Known().kill, false);
    return answer->has_value();
  };
}

PlayStep OperationPlayer::KillOwner() {
  if (ports_.empty()) return Done();
  const PortId port = ports_.front().port;
  const std::shared_ptr<Process> owner = SpawnOwner();
  ports_.front().end_was_ordered = true;
  return [this, port, owner,
          connect = PortConnect(self_, port, owner->pid())]() mutable -> std::optional<bool> {
    const std::optional<Result<Term>> answer = connect();
    if (!answer) return std::nullopt;
    if (*answer) UnlinkPort(self_, port);
    for (int i = 0; *answer && i < kCommandsUnderWay; ++i) {
      SendToPort(self_, port, From(owner->pid(), CommandMessage(AsBytes("ping"))));
    }
    owner->ExitSignal(Term::Of(self_.pid()), Known().kill, false);
    return true;
  };
}

PlayStep OperationPlayer::StepFor(const Operation& operation, bool waits) {
  if (operation.kind == OperationKind::kOpen) return Open(operation);
  PlayedPort* played = InSlot(operation.port);
  if (played == nullptr) return Done();
  const PortId port = played->port;
  const Bytes bytes = operation.view().bytes;
  switch (operation.kind) {
    case OperationKind::kCommand:
    case OperationKind::kCommandList:
    case OperationKind::kPieces:
      return CommandStep(operation, waits);
    case OperationKind::kSend:
      SendToPort(self_, port, From(self_.pid(), CommandMessage(bytes)));
      return Done();
    case OperationKind::kControl:
      return StepOf(PortControl(self_, port, operation.number, bytes));
    case OperationKind::kCall:
      return StepOf(PortCall(self_, port, operation.number, CallTerm(bytes)));
    case OperationKind::kClose:
      return Close(*played);
    case OperationKind::kSendClose:
      played->end_was_ordered = true;
      SendToPort(self_, port, From(self_.pid(), Term::Atom("close")));
      return Done();
    case OperationKind::kConnect:
      return Connect(*played);
    case OperationKind::kExit:
      played->end_was_ordered = true;
      ExitPort(self_, port, ExitReason(bytes));
      return Done();
    case OperationKind::kOwnerExit:
      return OwnerExit(*played);
    case OperationKind::kInfo:
      return StepOf(PortInfo(self_, port));
    case OperationKind::kOpen:
    case OperationKind::kAdvance:
    case OperationKind::kSettle:
    case OperationKind::kFailAlloc:
      break;  // the caller's
  }
  return Done();
}

}  // namespace portlab
