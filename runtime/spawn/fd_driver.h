// The fd driver: {fd,In,Out}, descriptors the host already has. It never closes them.
//
// Threads: connect once, before the first port. Errors: einval for a descriptor out of range; one
// that is not open shows when it is used. Source: otp_ports.md 3.1, 6.5.
#pragma once

#include "erl_driver.h"
#include "spawn/port_channel.h"

namespace portlab {

void ConnectFdDriver(const ChannelLimits& limits);
const ErlDrvEntry& FdDriverEntry();

}  // namespace portlab
