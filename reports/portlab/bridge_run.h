// One host for a real node: started under supervision, its frames handed on whole, and its end told
// as the last frame, {host_down, Map}, however it came.
//
//   how           "killed by SIGSEGV, inside control", for people
//   class         sanitizer:heap-buffer-overflow, signal:SIGSEGV, exit:3, contract, …
//   signal        what wait(2) said: its number, or undefined
//   exit_status   likewise
//   sanitizer     undefined, or a map: tool, kind, sentence, frames
//   callback      of the driver, entered last
//   in_callback   whether it was still inside
//   api_call      the last function of the driver API it called
//   port          the number of that callback's port
//   message       a contract report
//   report        all that the host wrote to stderr at the end
//
// Texts are binaries, names are atoms. The host reads the node's frames itself, from this process's
// stdin.
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
