// The spawn server: starts programs for one host, reaps them, reports how they ended, and ends them
// when the host is gone. What it promises is in spawn_protocol.h. Single-threaded; the only process
// of ours that may be asked to start programs.
//
// Threads: one. Ownership: the socket, all programs and every orphan below them.
// Errors: those of a start go to the host; what the server cannot work without ends it with a text
// on stderr.
#pragma once

#include <sys/types.h>

#include "base/unique_fd.h"

namespace portlab {

// Serves until the host is gone and everything is reaped. Returns the exit status of the server.
int RunSpawnServer(UniqueFd socket, pid_t host);

}  // namespace portlab
