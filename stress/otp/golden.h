// The golden behaviours: otp_ports.md 9, run in real OTP and here. Names start with the number of
// the behaviour there. Threads, ownership, errors: as Behaviour. Source: otp_ports.md 9.
#pragma once

#include <string>
#include <vector>

#include "stress/otp/behaviour.h"

namespace portlab {

// What open_port refuses, and how.
std::vector<Behaviour> RefusalBehaviours();
// What programs' ports deliver until they end.
std::vector<Behaviour> ProgramBehaviours();
// Closing, and messages sent to ports.
std::vector<Behaviour> SignalBehaviours();
// Who owns a port, is linked to it, and ends it.
std::vector<Behaviour> OwnerBehaviours();
// Commands to programs, and descriptors.
std::vector<Behaviour> PipeBehaviours();
// Ports that are busy.
std::vector<Behaviour> BusyBehaviours();
// Ports of files in this folder (it has "data" and "packets"), and of descriptors.
std::vector<Behaviour> FileBehaviours(const std::string& folder);

}  // namespace portlab
