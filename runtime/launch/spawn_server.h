// The spawn server: starts programs for one host, reaps them, reports how they ended, and ends them
// when the host is gone. What it promises is in spawn_protocol.h. Single-threaded; the only process
// of ours that may be asked to start programs.
//
// A keeper is the same process in a smaller role: its host is the spawn server, and it has one
// program, which it can be asked to end together with all that descends from it.
//
// Threads: one. Ownership: the socket, all programs and every orphan below them.
// Errors: those of a start go to the host; what the server cannot work without ends it with a text
// on stderr.
#pragma once

#include <sys/types.h>

#include "base/unique_fd.h"

namespace portlab {

enum class ServerRole { kServer, kKeeper };

// The word on its command line that makes a server a keeper.
inline constexpr char kKeeperWord[] = "keeper";

// Serves until the host is gone (a keeper: until nothing is left to keep) and everything is reaped.
// Returns the exit status: 0, or 3 when processes are left that could not be ended.
int RunSpawnServer(UniqueFd socket, pid_t host, ServerRole role);

}  // namespace portlab
