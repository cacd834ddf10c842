// port_call/3: a synchronous request of a driver's call callback, in terms: the driver sees the
// external term format. Threads: the body of `self`. Errors: badarg (no such callback, refused,
// undecodable reply, closed port). Source: erlang(3erl) port_call/3; otp_ports.md 2.4.
#pragma once

#include "bif/port_request.h"

namespace portlab {

PortRequest PortCall(Process& self, PortId port, std::uint32_t operation, Term term);

}  // namespace portlab
