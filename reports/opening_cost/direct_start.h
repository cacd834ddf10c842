// The system's own ways to start a program, to compare the spawn server with: each starts `file`,
// waits for its end and returns.
//
// Threads: any. Errors: errno of the start; general when the program did not exit with 0.
// Source: performance.md B1.
#pragma once

#include "portlab/error.h"

namespace portlab {

Result<void> StartWithFork(const char* file);
Result<void> StartWithVfork(const char* file);
Result<void> StartWithPosixSpawn(const char* file);

}  // namespace portlab
