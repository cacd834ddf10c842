// A report with plausible figures, for the tests of the writers and for a look at their output.
// Threads: any. Source: the figures are like those of performance.md B1 and of runs of the zoo.
#pragma once

#include "reports/report.h"

namespace portlab {

Report SampleReport();

}  // namespace portlab
