// Makes a failing input smaller while it fails in the same way: whole operations first, then the
// bytes inside them (delta debugging). And, where it fails only behind others, makes those fewer.
//
// The oracle gets several candidates at once and tells the first that fails as wanted; one process
// can run many that do not. Threads: the caller's. Ownership: values. Errors: the oracle's; what
// was reached until then is kept. Source: A. Zeller, R. Hildebrandt, Simplifying and Isolating
// Failure-Inducing Input, 2002; fuzzing.md 0.6.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/operations/operation.h"

namespace portlab {

// The index of the first candidate that fails as wanted; nullopt: none does, or the oracle has
// had enough (then it answers so to all further questions).
using FailsAsWanted = std::function<std::optional<std::size_t>(const std::vector<std::string>&)>;

// The smallest input that was found; `input` itself when nothing smaller fails.
std::string MinimiseInput(const std::string& input, const FailsAsWanted& oracle,
                          std::size_t operations_max = kOperationsMax);

// The fewest of `before`, in their order, that `fails` still says yes to.
using SequenceFails = std::function<bool(const std::vector<std::string>& before)>;
std::vector<std::string> MinimiseHistory(std::vector<std::string> before,
                                         const SequenceFails& fails);

// The two stages, for tests.
std::vector<Operation> MinimiseOperations(std::vector<Operation> operations,
                                          const FailsAsWanted& oracle);
std::vector<Operation> MinimiseBytes(std::vector<Operation> operations,
                                     const FailsAsWanted& oracle);

}  // namespace portlab
