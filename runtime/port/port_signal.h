// What a process (or the world) asks of a port, one signal at a time, in the order each sender sent
// it.
//
// A signal is executed under the port's lock, either at once in the sender (an idle port) or later
// by a scheduler thread. Ownership: a signal owns what it carries, except `bytes` of one that is
// executed at once (SubmitNow), which borrows. Threads: a signal belongs to one thread at a time;
// SignalReply is written by the executing thread, then `done` is set. Source: otp_ports.md 5.1.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/event_sink.h"
#include "base/ids.h"
#include "portlab/error.h"
#include "portlab/process.h"
#include "portlab/term.h"

namespace portlab {

class Driver;

enum class SignalKind : std::uint8_t {
  kCommand,  // data: iodata
  kControl,  // operation, bytes
  kCall,     // operation, data: the term
  kConnect,  // target: the new owner; link: whether it is linked (port_connect) or answered (Port !
             // {_,{connect,_}})
  kClose,    // answer_closed: {Port,closed} goes to `from` at the end
  kExit,     // data: reason; from_link; final: also of a port that is closing already
  kBadSignal,       // badsig to the owner
  kInfo,            // the reply is port_info's list
  kLink,            // from
  kUnlink,          // from
  kMonitor,         // from, reference
  kDemonitor,       // from, reference
  kProcessExit,     // target has exited; reference is the driver's monitor
  kEvent,           // event
  kDriverUnloaded,  // driver: the port ends if it is one of its
  kOutputLimit,     // the owner does not read and the port has said too much
};

// What serving a signal costs, of the kContextReductions that a process or a port has before others
// run. An idle port's signal is charged to the sender, a queued one to the port's turn, which
// starts with something used up already and pays for each signal a little more. Source:
// otp_ports.md 5.3.
inline constexpr int kTurnReductions = 1000;
inline constexpr int kTurnReductionsPerSignal = 200;
constexpr int ReductionsOf(SignalKind kind) {
  switch (kind) {
    case SignalKind::kCall:
      return 80;
    case SignalKind::kConnect:
    case SignalKind::kBadSignal:
    case SignalKind::kLink:
    case SignalKind::kUnlink:
    case SignalKind::kMonitor:
    case SignalKind::kDemonitor:
      return 20;
    default:
      return 40;
  }
}

// For an exit signal the sender pays nothing, although an idle port is served in it: measured on
// OTP 25.
constexpr int ReductionsOfSender(SignalKind kind) {
  return kind == SignalKind::kExit ? 0 : ReductionsOf(kind);
}

struct SignalReply {
  std::atomic<bool> done{false};
  Result<Term> result{Term{}};
  std::weak_ptr<Process> waiter;  // woken when done
  void Finish(Result<Term> value);
};

struct PortSignal {
  SignalKind kind;
  bool from_link = false;
  bool final = false;
  bool link = false;
  bool answer_closed = false;
  // Sent as Port ! {From, …}: `from` must be the owner at execution, else badsig.
  bool as_owner = false;
  std::uint32_t operation = 0;
  Pid from;
  Pid caller;  // kCommand: whom the driver sees as its caller
  const Driver* driver = nullptr;
  Pid target;
  RefId reference;
  Term data;
  std::size_t data_bytes = 0;  // kCommand: what the message queue is charged
  Bytes bytes;                 // kControl: the caller's, or of `data`, after OwnBytes
  PortEvent event{};
  std::shared_ptr<SignalReply> reply;  // null: nobody waits

  // Before the signal outlives the caller's buffers.
  void OwnBytes() {
    if (kind != SignalKind::kControl) return;
    data = Term::Binary(bytes);
    bytes = data.binary();
  }
};

}  // namespace portlab
