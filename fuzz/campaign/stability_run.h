// Whether inputs do the same when they are run twice in one process: fuzz/run_twice.h's host, asked
// about the new inputs of a corpus.
//
// Threads: any. Ownership: nothing stays behind. Units: inputs. Errors: none; a host that tells
// nothing gives a Stability of no inputs. Source: fuzzing.md 5.5.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/campaign/campaign_result.h"

namespace portlab {

// `names`: of files in `corpus`; at most kStabilityInputs of them are run.
inline constexpr std::size_t kStabilityInputs = 1000;
Stability RunForStability(const FuzzTarget& target, const std::string& corpus,
                          std::vector<std::string> names, const std::function<bool()>& cancelled);

// One run of the host. `done`: how many of `names` it got to the end of.
struct StabilityLog {
  Stability stability;
  std::size_t done = 0;
};
StabilityLog ParseStability(std::string_view log, const std::vector<std::string>& names);

}  // namespace portlab
