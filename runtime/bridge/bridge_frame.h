// The frames between a real node and the host of its drivers: external terms, each behind a length
// of four bytes ({packet,4}).
//
// From the node:
//   {request, Pid, Id, Bytes}       what Pid asks (bridge_request.h)
//   {mirror, Pid}                   others may name Pid: it has a process here from now on
//   {down, Pid, Bytes}              Pid has exited; the reason
//   {identity, Name, Creation}      the node is called so from now on (net_kernel:start/1)
//   stop                            no frame follows
//
// To the node:
//   {ready, Map}                    once, first
//   {reply, Pid, Id, Answer}        Answer: {ok, Value} or {error, Reason, Detail}
//   {message, Pid, Term}            Pid ! Term
//   {exit, Pid, From, Reason, FromLink}   an exit signal
//
// Bytes is a binary that holds an external term: one this runtime has no terms for (a fun, say) is
// answered, and the stream goes on.
//
// Threads: pure. Ownership: values. Errors: badarg; a frame that is none of these ends the session.
// Source: erlang(3erl) open_port/2 {packet,4}; erl_ext_dist of the erts manual.
#pragma once

#include <cstdint>
#include <string>

#include "base/ids.h"
#include "portlab/error.h"
#include "portlab/term.h"
#include "term/node_identity.h"

namespace portlab {

struct BridgeFrame {
  enum class Kind : std::uint8_t { kRequest, kMirror, kDown, kIdentity, kStop };
  Kind kind = Kind::kMirror;
  Pid client;
  std::int64_t id = 0;         // kRequest
  std::string body;            // kRequest, kDown: an external term; kIdentity: the name
  std::uint32_t creation = 0;  // kIdentity
};

Result<BridgeFrame> DecodeBridgeFrame(Bytes frame, const NodeIdentity& node);

// Without the length in front.
std::string ReplyFrame(Pid client, std::int64_t id, const Result<Term>& answer,
                       const NodeIdentity& node);
std::string MessageFrame(Pid client, const Term& message, const NodeIdentity& node);
std::string ExitFrame(Pid client, const Term& from, const Term& reason, bool from_link,
                      const NodeIdentity& node);

}  // namespace portlab
