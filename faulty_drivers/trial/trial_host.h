// One trial, from the inside: the host brings the bystanders aboard, opens the faulty port,
// watches, closes it, measures, and writes the Outcome as it saw it. What the host cannot see, its
// own end, is its parent's to tell (host_end.h).
//
// Threads: Run from the main thread. Ownership: owns the Runtime.
// Errors: bad input is one line on stderr and kExitBadInput. Source: design, decisions 9 to 12.
#pragma once

#include "faulty_drivers/trial/host_command.h"

namespace portlab {

// The exit status for main, which must return it: a host that ends as it should is looked over by
// the leak checker. Ends the process itself where a thread is stuck.
int RunTrialHost(const HostCommand& command);

}  // namespace portlab
