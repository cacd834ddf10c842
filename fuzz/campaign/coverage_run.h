// What a corpus reaches: functions of the driver, and operations in situations of their port. One
// run of it, without fuzzing.
//
// Threads: any. Ownership: nothing stays behind. Units: edges, as the compiler counts them.
// Errors: none; a host that tells nothing gives an empty list. Source: libFuzzer's -print_coverage.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/campaign/campaign_result.h"

namespace portlab {

struct CorpusCoverage {
  std::vector<CoveredFunction> functions;
  std::vector<OperationReach> operations;
};
CorpusCoverage RunForCoverage(const FuzzTarget& target, const std::string& corpus,
                              const std::function<bool()>& cancelled);

// The lines COVERED_FUNC and UNCOVERED_FUNC of a log, but for the host's own functions.
std::vector<CoveredFunction> ParseCoverage(std::string_view log);

// The lines "portlab: HAS control" and "portlab: REACHED control in: open, busy"; every kind of
// operation there is, if there is any such line.
std::vector<OperationReach> ParseReached(std::string_view log);

}  // namespace portlab
