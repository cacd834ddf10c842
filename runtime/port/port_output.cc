// Messages from a port to its connected process.
#include "driver/callback_scope.h"
#include "port/port_executor.h"
#include "term/known_atoms.h"

namespace portlab {
// Whether the driver's start runs: the options count from its return on (get_port_flags).
bool PortExecutor::InStart() const {
  if (port_.state() != PortState::kStarting) return false;
  const CallbackScope* scope = CallbackScope::Current();
  return scope != nullptr && scope->kind == CallbackKind::kStart;
}

bool PortExecutor::SendsBinaries() const { return body_.options.binary && !InStart(); }

Term PortExecutor::DataTerm(Bytes header, Bytes data) const {
  // No bytes at all, as against zero of them, are the empty list.
  Term tail = SendsBinaries() && data.data() != nullptr ? Term::Binary(data) : Term::String(data);
  if (header.empty()) return tail;
  return Term::String(header, std::move(tail));
}

bool PortExecutor::Deliver(Term what) {
  if (body_.owner == nullptr) return false;
  const bool delivered = body_.owner->Deliver(Term::Pair(Term::Of(port_.id()), std::move(what)));
  const std::uint64_t limit = ports_.limits().unread_output_bytes_max;
  if (delivered && limit != 0 && !body_.output_limit_hit && body_.owner->mailbox_bytes() > limit) {
    // The port cannot be closed under a callback that is still talking: the close waits its turn
    // like any signal.
    body_.output_limit_hit = true;
    PortSignal signal{};
    signal.kind = SignalKind::kOutputLimit;
    ports_.Queue(port_.id(), std::move(signal));
  }
  return delivered;
}

void PortExecutor::DeliverData(Term data, std::size_t bytes) {
  body_.input_bytes += bytes;
  Deliver(Term::Pair(Known().data, std::move(data)));
}

void PortExecutor::DeliverBytes(Bytes header, Bytes data) {
  if (port_.state() == PortState::kClosing || Dead()) return;  // OTP drops silently
  if (body_.line() == nullptr || InStart()) {
    DeliverData(DataTerm(header, data), header.size() + data.size());
    return;
  }
  body_.input_bytes += header.size() + data.size();
  body_.line()->Feed(data);
  DeliverLines(header);
}

void PortExecutor::DeliverLines(Bytes header) {
  while (auto piece = body_.line()->Next()) {
    Deliver(Term::Tuple({Known().data, Term::Tuple({Term::Atom(piece->eol ? "eol" : "noeol"),
                                                    DataTerm(header, AsBytes(piece->bytes))})}));
  }
}

void PortExecutor::FlushLine() {
  if (body_.line() == nullptr) return;
  body_.line()->Finish();
  DeliverLines({});
}

}  // namespace portlab
