#include "bridge/bridge_frame.h"

#include <optional>
#include <span>

#include "term/external_decoder.h"
#include "term/external_encoder.h"

namespace portlab {
namespace {

// What comes first in the tuples about one process, and their size.
struct Shape {
  BridgeFrame::Kind kind;
  std::string_view tag;
  std::size_t arity;
};
constexpr Shape kShapes[] = {{BridgeFrame::Kind::kRequest, "request", 4},
                             {BridgeFrame::Kind::kMirror, "mirror", 2},
                             {BridgeFrame::Kind::kDown, "down", 3}};

// Nullopt: the parts are not what the shape says.
std::optional<BridgeFrame> Fill(const Shape& shape, std::span<const Term> parts) {
  if (!parts[1].is(TermKind::kPid)) return std::nullopt;
  BridgeFrame frame;
  frame.kind = shape.kind;
  frame.client = parts[1].as_pid();
  if (shape.kind == BridgeFrame::Kind::kRequest) {
    const std::optional<std::int64_t> id = parts[2].as_int();
    if (!id) return std::nullopt;
    frame.id = *id;
  }
  if (shape.kind != BridgeFrame::Kind::kMirror) {
    if (!parts.back().is(TermKind::kBinary)) return std::nullopt;
    frame.body = AsText(parts.back().binary());
  }
  return frame;
}

std::optional<BridgeFrame> Identity(const Term& term) {
  if (!term.is_tagged("identity", 3) || !term.tuple()[1].is(TermKind::kAtom)) return std::nullopt;
  const std::optional<std::uint64_t> creation = term.tuple()[2].as_uint();
  if (!creation || *creation > UINT32_MAX) return std::nullopt;
  BridgeFrame frame;
  frame.kind = BridgeFrame::Kind::kIdentity;
  frame.body = term.tuple()[1].atom_name();
  frame.creation = static_cast<std::uint32_t>(*creation);
  return frame;
}

Result<BridgeFrame> FrameOf(const Term& term) {
  std::optional<BridgeFrame> frame = Identity(term);
  for (const Shape& shape : kShapes) {
    if (term.is_tagged(shape.tag, shape.arity)) frame = Fill(shape, term.tuple());
  }
  if (term.is_atom("stop")) {
    frame.emplace();
    frame->kind = BridgeFrame::Kind::kStop;
  }
  if (frame) return *std::move(frame);
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
