// Writes a report's files: report.json, and report.md and report.html, which are made from what was
// read back from that JSON.
//
// Threads: one at a time. Errors: as ReportFromJson; errno of writing. All three files, or none.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "portlab/error.h"
#include "reports/output_folder.h"

namespace portlab {

// The paths of the files, the one to open first.
Result<std::vector<std::string>> WriteReportFiles(const OutputFolder& folder,
                                                  const nlohmann::json& report);

}  // namespace portlab
