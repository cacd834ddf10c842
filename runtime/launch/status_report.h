// How a program's start and end are told: records on its status channel (spawn_protocol.h).
//
// Threads: any. Ownership: descriptors stay the caller's. Errors: none; perhaps nobody is there.
#pragma once

#include "launch/spawn_protocol.h"

namespace portlab {

// Few records ever go into a status channel, so this does not wait.
void Report(int status, StatusRecord record);

// Of a server that cannot work: waits for one request on its socket and answers it with why.
void RefuseNext(int socket, int error);

}  // namespace portlab
