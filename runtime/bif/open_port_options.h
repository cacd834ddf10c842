// Reads open_port's two arguments: the port name and the option list, with OTP's rules of what
// excludes what. Nothing is opened before everything has been checked.
//
// Threads: pure. Errors: badarg for a wrong name, badopt for a wrong option; `detail` names it and
// says what is allowed. Source: erlang(3erl) open_port/2; otp_ports.md 3.1, 3.2.
#pragma once

#include "driver/start_options.h"
#include "portlab/error.h"
#include "portlab/term.h"

namespace portlab {

Result<StartOptions> ParseOpenPort(const Term& name, const Term& options);

}  // namespace portlab
