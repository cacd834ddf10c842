// The frames between a real node and the host of its drivers: external terms, each behind a length
// of four bytes ({packet,4}).
//
//   node to host   {request, Pid, Id, Bytes}   what Pid asks; Bytes is the external form of the
//   request
//                                              (bridge_request.h)
//                  {mirror, Pid}               Pid may be named by others: it has a process here
//                  from now on {down, Pid, Bytes}          Pid has exited; Bytes is the external
//                  form of the reason
//   host to node   {reply, Pid, Id, {ok, Value} | {error, Reason, Detail}}
//                  {message, Pid, Term}        Pid ! Term
//                  {exit, Pid, From, Reason, FromLink}   an exit signal
//                  {ready, Map}                once, first
//
// What a request is made of is in a binary of its own, so that one this runtime has no terms for (a
// fun, say) is answered, and the stream goes on.
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
  enum class Kind : std::uint8_t { kRequest, kMirror, kDown };
  Kind kind = Kind::kMirror;
  Pid client;
  std::int64_t id = 0;  // kRequest
  std::string body;     // kRequest, kDown: an external term
};

Result<BridgeFrame> DecodeBridgeFrame(Bytes frame, const NodeIdentity& node);

// Without the length in front.
std::string ReplyFrame(Pid client, std::int64_t id, const Result<Term>& answer,
                       const NodeIdentity& node);
std::string MessageFrame(Pid client, const Term& message, const NodeIdentity& node);
std::string ExitFrame(Pid client, const Term& from, const Term& reason, bool from_link,
                      const NodeIdentity& node);

}  // namespace portlab
