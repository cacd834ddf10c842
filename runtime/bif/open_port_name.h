// Reads open_port's first argument: what kind of port, and its command, file or descriptors.
//
// Threads: pure. Errors: badarg, with what is allowed. Source: erlang(3erl) open_port/2;
// otp_ports.md 3.1.
#pragma once

#include "driver/start_options.h"
#include "portlab/error.h"
#include "portlab/term.h"

namespace portlab {

// Sets name_kind, command, fd_in and fd_out of `out`.
Result<void> ParsePortName(const Term& name, StartOptions& out);

}  // namespace portlab
