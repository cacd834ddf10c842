// The report as one HTML file: no script, nothing loaded from anywhere, readable offline, in light
// and dark, and on paper.
//
// Threads: any. Ownership: values. Errors: none: what is missing in the report is said to be.
#pragma once

#include <string>

#include "reports/report.h"

namespace portlab {

std::string WriteHtml(const Report& report);

}  // namespace portlab
