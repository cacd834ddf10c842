// Where crashing inputs come from: files, and the findings of a campaign; and whether a driver or
// program can be tried at all.
//
// Threads: any; nothing is locked, a campaign may be running. Ownership: values. Errors: errno or
// badarg, naming the file. Source: fuzz/campaign/findings_store.h for the folders.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fuzz/campaign/fuzz_target.h"
#include "reports/portlab/isolate_plan.h"

namespace portlab {

// ".txt": operations as text. Anything else is taken as it is.
Result<IsolateInput> ReadInput(const std::string& file);

// Of the folder of a campaign, or of one with a folder for each finding; in the order of their
// names. Errors: there is no such folder.
Result<std::vector<IsolateInput>> ReadFindings(const std::string& folder);

// How the campaign started what it fuzzed, when its findings are of a program; nullopt: there is no
// finding, or it is of a driver.
std::optional<FuzzTarget> ProgramOfFindings(const std::string& folder);

// Why no host of this flavour can load it, with the remedy; empty: nothing is known against it.
std::string WhyNotLoadable(const std::string& driver, Flavour flavour);
// The same of a program.
std::string WhyNotRunnable(const std::string& program);

}  // namespace portlab
