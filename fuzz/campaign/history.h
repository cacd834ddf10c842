// Inputs that do something only when others were run before them, in the same process: the driver
// keeps state that outlives its ports.
//
// Threads: any, several at once. Ownership: values; nothing stays behind. Units: runs of the host.
// Errors: fuzz_target.h's. Source: fuzzing.md 5.5.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/campaign/fuzz_target.h"
#include "fuzz/campaign/triage.h"

namespace portlab {

// What the last of `inputs` dies of; nullopt: nothing, or another one died.
Result<std::optional<CrashReport>> CrashOfLast(const FuzzTarget& target,
                                               const std::vector<std::string>& inputs,
                                               const std::function<bool()>& cancelled);

struct NeededHistory {
  std::vector<std::string> before;  // the fewest that were found
  std::string input;                // the smallest that was found
  Reproduction reproduction;        // of both
};
// Nullopt: it does not lead to `wanted` behind all of `before` either.
Result<std::optional<NeededHistory>> FindHistory(const FuzzTarget& target,
                                                 const std::vector<std::string>& before,
                                                 const std::string& input, const Bucket& wanted,
                                                 const TriageLimits& limits,
                                                 const std::function<bool()>& cancelled);

}  // namespace portlab
