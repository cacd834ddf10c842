// What the tool's exit status says; `lab` passes it on (4, "the build failed", is lab's own).
#pragma once

namespace portlab {

enum ExitStatus {
  kExitOk = 0,             // all is as expected
  kExitUnmet = 1,          // an expectation was not met, or the work could not be finished
  kExitUsage = 2,          // the command line, or what it names, is wrong
  kExitMissing = 3,        // a host, driver or program was not built, or cannot be loaded
  kExitTrouble = 5,        // isolate: the tool's own trouble: a host, the disk
  kExitInterrupted = 130,  // Ctrl-C; 128 + the signal for the others
};

}  // namespace portlab
