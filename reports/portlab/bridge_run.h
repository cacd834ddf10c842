// One host for a real node: started under supervision, its frames handed on whole, and its end told
// as the last frame, {host_down, Map}, however it came.
//
//   how        "killed by SIGSEGV, inside control", for people      binary
//   class      sanitizer:heap-buffer-overflow, signal:SIGSEGV, …    binary
//   signal, exit_status    what wait(2) said                        integer, or undefined
//   sanitizer  what it found: tool, kind, sentence, frames          map, or undefined
//   callback, api_call     the last of the driver, and whether it was inside  atoms; in_callback:
//   boolean port       the number of that callback's port message    a contract report binary
//   report     all that the host wrote to stderr at the end         binary
//
// The host reads the node's frames itself, from this process's stdin.
//
// Threads: Run from the main thread. Ownership: nothing stays behind: when the node is gone the
// host has a moment to end, and is killed. Errors: one line on stderr, and an ExitStatus.
#pragma once

#include <string>

#include "faulty_drivers/trial/bridge_host_command.h"

namespace portlab {

struct BridgeRun {
  BridgeHostCommand host;  // descriptors are filled in here
  std::string flavour = "plain";
};

int RunBridge(BridgeRun run);

}  // namespace portlab
