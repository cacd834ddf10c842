// The vanilla driver: a port whose name is a file's. `in` reads it, `out` writes it anew, both make
// it if need be.
//
// A named pipe is opened without waiting for its other end: on OTP that wait stops a scheduler.
// Threads: connect once, before the first port. Errors: einval, whatever open(2) says. Source:
// otp_ports.md 3.1.
#pragma once

#include "erl_driver.h"
#include "spawn/port_channel.h"

namespace portlab {

void ConnectVanillaDriver(const ChannelLimits& limits);
const ErlDrvEntry& VanillaDriverEntry();

}  // namespace portlab
