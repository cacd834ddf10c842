// The step every port BIF is made of: send one signal to a port, and give its answer. Called again
// after each wake-up of the process until it has a value; Process::BlockOn waits with it in a
// thread, co_await Process::Until in a coroutine.
//
// Threads: the body of `self`, which outlives the step. Errors: a port that is gone is badarg, as
// for every port BIF. Source: erlang(3erl); otp_ports.md 5.1 (an idle port is served in the caller,
// a busy one by a scheduler).
#pragma once

#include <memory>
#include <optional>

#include "port/ports.h"

namespace portlab {

class PortRequest {
 public:
  PortRequest(Process& self, PortId port, SignalKind kind) : self_(self), port_(port) {
    signal_.kind = kind;
    signal_.from = self.pid();
  }
  // To be completed before the first step.
  PortSignal& signal() { return signal_; }
  std::optional<Result<Term>> operator()();

 private:
  Process& self_;
  PortId port_;
  PortSignal signal_{};
  bool sent_ = false;
  std::shared_ptr<SignalReply> reply_;
};

}  // namespace portlab
