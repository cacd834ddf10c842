// port_command/2,3 and the command form of Port ! Message.
// Threads: the body of `self`. Errors: badarg (bad iodata, closed port), notsup (force on a driver
// without soft busy). Source: erlang(3erl) port_command/3; otp_ports.md 3.4, 3.7.
#pragma once

#include "bif/port_request.h"

namespace portlab {

struct CommandOptions {
  bool force = false;
  bool nosuspend = false;
};

// A step: true when the command was given to the port, false when it is busy and nosuspend was
// asked for.
class PortCommand {
 public:
  PortCommand(Process& self, PortId port, Term iodata, CommandOptions options = {});
  std::optional<Result<Term>> operator()();

 private:
  Process& self_;
  PortId port_;
  const CommandOptions options_;
  bool sent_ = false;
  PortRequest request_;
};

// The number of bytes in iodata; nullopt: it is none.
std::optional<std::size_t> IodataBytes(const Term& iodata);

}  // namespace portlab
