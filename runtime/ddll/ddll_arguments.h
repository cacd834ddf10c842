// The arguments of erl_ddll's functions, checked.
// Threads: pure. Errors: badarg. Source: erl_ddll(3erl); otp_ports.md 7.2, 7.3.
#pragma once

#include <string>

#include "driver/driver_registry.h"
#include "portlab/error.h"
#include "portlab/term.h"

namespace portlab {

// A driver's name: an atom, or iodata. Cut at a NUL, as a C string.
Result<std::string> DriverName(const Term& term);
// A directory: a string or binary.
Result<std::string> DriverPath(const Term& term);
// Fills in what try_load's, or try_unload's, options say.
Result<void> ParseLoadOptions(const Term& options, LoadRequest& request);
Result<void> ParseUnloadOptions(const Term& options, UnloadRequest& request);

}  // namespace portlab
