// A real node's ports and drivers, from the inside: the host that `portlab bridge` starts serves
// the node's frames until the node goes away.
//
// Threads: Run from the main thread. Ownership: owns the Runtime. Errors: one line on stderr and
// kExitBadInput.
#pragma once

#include "faulty_drivers/trial/bridge_host_command.h"

namespace portlab {

// The exit status for main, which must return it: a host that ends as it should is looked over by
// the leak checker. Ends the process itself where a thread is stuck.
int RunBridgeHost(const BridgeHostCommand& command);

}  // namespace portlab
