// port_connect/2: makes another process the owner and links it; the old owner stays linked and gets
// no message. Threads: the body of `self`. Errors: badarg (dead process, closed port). Source:
// erlang(3erl) port_connect/2.
#pragma once

#include "bif/port_request.h"

namespace portlab {

PortRequest PortConnect(Process& self, PortId port, Pid new_owner);

}  // namespace portlab
