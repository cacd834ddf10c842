// port_control/3: a synchronous request of a driver's control callback; its reply is a list, or a
// binary when the driver set PORT_CONTROL_FLAG_BINARY. Threads: the body of `self`. Errors: badarg
// (no such callback, refused, closed port, not iodata). Source: erlang(3erl) port_control/3;
// otp_ports.md 2.4, 3.4.
#pragma once

#include "bif/port_request.h"

namespace portlab {

PortRequest PortControl(Process& self, PortId port, std::uint32_t operation, Bytes data);

}  // namespace portlab
