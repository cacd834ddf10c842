// The machine a report was made on. Threads: any. Errors: none: what the kernel does not tell stays
// empty or 0.
#pragma once

#include "reports/report.h"

namespace portlab {

MachineFacts ThisMachine();

// UTC, "2025-01-31 12:34:56".
std::string UtcNow();

}  // namespace portlab
