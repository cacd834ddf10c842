// Makes a finding of a crash: runs its input again, alone, makes it smaller, and says how sure it
// is.
//
// Threads: any, several at once. Ownership: values; nothing stays behind. Units: runs of the host.
// Errors: fuzz_target.h's. Source: fuzzing.md 2.2 (C6, C7, C10, C14).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/campaign/findings_store.h"

namespace portlab {

struct TriageLimits {
  int minimise_runs = 60;  // of the host; each may try many candidates. 0: not minimised
  int minimise_seconds = 20;
};

// How often the last of `inputs` leads to `wanted`, run behind the others in one process: of 3
// times; of 10, if not always.
struct Reproduction {
  int reproduced = 0;
  int tries = 0;
  std::optional<CrashReport> crash;  // the last that was as wanted
};
Result<Reproduction> Reproduce(const FuzzTarget& target, const std::vector<std::string>& inputs,
                               const Bucket& wanted, const std::function<bool()>& cancelled);

// The smallest input found that leads to `wanted`.
std::string MinimiseFor(const FuzzTarget& target, const std::string& input, const Bucket& wanted,
                        const TriageLimits& limits, const std::function<bool()>& cancelled);

struct Triaged {
  Finding finding;
  FindingFiles files;
};
// `crash` is what the campaign saw; its own text is kept when nothing repeats it. `before`: the
// inputs that were run before, the oldest first; they are tried when the input does nothing alone.
Result<Triaged> Triage(const FuzzTarget& target, const std::string& input,
                       const std::vector<std::string>& before, const CrashReport& crash,
                       const TriageLimits& limits, const std::function<bool()>& cancelled);

// The operations of an input as text that ParseOperations takes, the failing one marked.
std::string MarkedOperations(const FuzzTarget& target, const std::string& input, int failing);

}  // namespace portlab
