// Has portlab-opening-cost measure what opening a port costs, in a child of its own.
//
// Threads: call from the main thread (the child dies with the thread that started it).
// Ownership: nothing stays behind. Errors: in words for the report: why there are no figures.
#pragma once

#include <functional>

#include "faulty_drivers/trial/trial_runner.h"
#include "reports/report.h"

namespace portlab {

Result<OpeningCost> MeasureOpeningCost(const Installation& installation,
                                       const std::function<bool()>& cancelled);

}  // namespace portlab
