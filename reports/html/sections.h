// The parts of the page, top to bottom, each a piece of complete HTML (an empty string: nothing to
// show). Threads: any. Errors: none.
#pragma once

#include <string>

#include "reports/report.h"

namespace portlab::html {

std::string Badge(const TrialRecord* trial);
// An outcome key; lines break after its colons.
std::string Key(const std::string& key);
// What follows the verdict in a trial's key, or why it could not be run.
std::string Cause(const TrialRecord& trial);

std::string HeadlineSection(const Report& report);
std::string MatrixSection(const Report& report);
std::string FaultSections(const Report& report);
std::string CostSection(const Report& report);
std::string MethodSection(const Report& report);
std::string MachineSection(const Report& report);

}  // namespace portlab::html
