// Reads the options open_port takes for programs beyond OTP. What they mean is in
// include/portlab/program.h.
//
// Threads: pure. Errors: badopt, with what is allowed.
#pragma once

#include <optional>

#include "driver/start_options.h"
#include "portlab/error.h"
#include "portlab/term.h"

namespace portlab {

// nullopt: it is none of these options.
std::optional<Result<void>> ParseProgramOption(const Term& option, ProgramOptions& out);

// What may not stand together; for a program's port.
Result<void> CheckProgramOptions(const StartOptions& options);

// "option …: what it takes".
Error BadOption(const Term& option, std::string_view allowed);

}  // namespace portlab
