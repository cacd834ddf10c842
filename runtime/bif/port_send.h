// Port ! Message, and the signals a process sends a port without waiting: exit/2, link/1, unlink/1,
// monitor/2. Threads: the body of `self`. Errors: none but link's: a wrong message is badsig to the
// OWNER, a dead port swallows it. Source: erlang(3erl) the send operator, exit/2, link/1,
// monitor/2; otp_ports.md 3.4.
#pragma once

#include "bif/port_request.h"

namespace portlab {

// Valid messages: {Owner,{command,Iodata}}, {Owner,close}, {Owner,{connect,Pid}}. Does not suspend
// on a busy port.
void SendToPort(Process& self, PortId port, const Term& message);

// The same as a step, for who is suspended as in Erlang: a command waits while the port is busy.
// The answer is true; false: it is busy and `nosuspend` was asked for (erlang:send/3 says
// nosuspend).
class PortSend {
 public:
  PortSend(Process& self, PortId port, Term message, bool nosuspend = false)
      : self_(self), port_(port), message_(std::move(message)), nosuspend_(nosuspend) {}
  std::optional<Result<Term>> operator()();

 private:
  Process& self_;
  PortId port_;
  Term message_;
  bool nosuspend_;
};
void ExitPort(Process& self, PortId port, Term reason);
// Ends the port now, with reason killed, also one that is closing and would wait for its queue,
// which an exit signal does not: what a host does that ends.
void EndPort(Process& self, PortId port);
// The one with an error, noproc: no such port, and `self` does not trap exits; who does gets
// {'EXIT',Port,noproc}.
Result<void> LinkPort(Process& self, PortId port);
void UnlinkPort(Process& self, PortId port);
// DOWN comes as {'DOWN',Ref,port,Port,Reason}; noproc at once when the port is gone.
RefId MonitorPort(Process& self, PortId port);
// No DOWN of that reference is sent from now on; one may have been.
void DemonitorPort(Process& self, PortId port, RefId reference);

}  // namespace portlab
