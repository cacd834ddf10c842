// Port ! Message, and the signals a process sends a port without waiting: exit/2, link/1, unlink/1,
// monitor/2. Threads: the body of `self`. Errors: none, ever: a wrong message is badsig to the
// OWNER, a dead port swallows it. Source: erlang(3erl) the send operator, exit/2, link/1,
// monitor/2; otp_ports.md 3.4.
#pragma once

#include "bif/port_request.h"

namespace portlab {

// Valid messages: {Owner,{command,Iodata}}, {Owner,close}, {Owner,{connect,Pid}}. Does not suspend
// on a busy port.
void SendToPort(Process& self, PortId port, const Term& message);
void ExitPort(Process& self, PortId port, Term reason);
void LinkPort(Process& self, PortId port);
void UnlinkPort(Process& self, PortId port);
// DOWN comes as {'DOWN',Ref,port,Port,Reason}; noproc at once when the port is gone.
RefId MonitorPort(Process& self, PortId port);

}  // namespace portlab
