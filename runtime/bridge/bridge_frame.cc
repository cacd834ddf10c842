#include "bridge/bridge_frame.h"

#include <optional>
#include <span>

#include "term/external_decoder.h"
#include "term/external_encoder.h"

namespace portlab {
namespace {

std::string_view KindName(BridgeFrame::Kind kind) {
  switch (kind) {
    case BridgeFrame::Kind::kRequest:
      return "request";
    case BridgeFrame::Kind::kMirror:
      return "mirror";
    case BridgeFrame::Kind::kDown:
      return "down";
  }
  return "";
}

Result<BridgeFrame> FrameOf(const Term& term) {
  using Kind = BridgeFrame::Kind;
  constexpr std::pair<Kind, std::size_t> kShapes[] = {
      {Kind::kRequest, 4}, {Kind::kMirror, 2}, {Kind::kDown, 3}};
  for (const auto& [kind, arity] : kShapes) {
    if (!term.is_tagged(KindName(kind), arity)) continue;
    const std::span<const Term> parts = term.tuple();
    if (!parts[1].is(TermKind::kPid)) break;
    BridgeFrame frame;
    frame.kind = kind;
    frame.client = parts[1].as_pid();
    if (kind == Kind::kRequest) {
      const std::optional<std::int64_t> id = parts[2].as_int();
      if (!id) break;
      frame.id = *id;
    }
    if (kind != Kind::kMirror) {
      if (!parts.back().is(TermKind::kBinary)) break;
      frame.body = AsText(parts.back().binary());
    }
    return frame;
  }
  return Fail(Error::BadArg("no frame of the bridge: " + term.ToString().substr(0, 200)));
}

}  // namespace

Result<BridgeFrame> DecodeBridgeFrame(Bytes frame, const NodeIdentity& node) {
  DecodeLimits limits;
  limits.node = node;
  Result<DecodedTerm> decoded = DecodeExternalPrefix(frame, limits);
  if (!decoded) return Fail(std::move(decoded.error()));
  if (decoded->consumed != frame.size()) {
    return Fail(Error::BadArg(std::to_string(frame.size() - decoded->consumed) +
                              " bytes after the term of a frame"));
  }
  return FrameOf(decoded->term);
}

std::string ReplyFrame(Pid client, std::int64_t id, const Result<Term>& answer,
                       const NodeIdentity& node) {
  const Term result = answer
                          ? Term::Tuple({Term::Atom("ok"), *answer})
                          : Term::Tuple({Term::Atom("error"), Term::Atom(answer.error().Reason()),
                                         Term::Binary(answer.error().detail)});
  return EncodeExternal(Term::Tuple({Term::Atom("reply"), Term::Of(client), Term::Int(id), result}),
                        node);
}

std::string MessageFrame(Pid client, const Term& message, const NodeIdentity& node) {
  return EncodeExternal(Term::Tuple({Term::Atom("message"), Term::Of(client), message}), node);
}

std::string ExitFrame(Pid client, const Term& from, const Term& reason, bool from_link,
                      const NodeIdentity& node) {
  return EncodeExternal(
      Term::Tuple({Term::Atom("exit"), Term::Of(client), from, reason, Term::Bool(from_link)}),
      node);
}

}  // namespace portlab
