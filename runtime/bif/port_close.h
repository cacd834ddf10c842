// port_close/1: any process may; true once linked processes have their exit signal. The driver is
// flushed first. Threads: the body of `self`. Errors: badarg (closed or closing port). Source:
// erlang(3erl) port_close/1.
#pragma once

#include "bif/port_request.h"

namespace portlab {

PortRequest PortClose(Process& self, PortId port);

}  // namespace portlab
