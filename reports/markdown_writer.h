// The report as Markdown (GitHub's tables), for a pull request or a terminal.
//
// Threads: any. Ownership: values. Errors: none. What the report holds cannot change the layout:
// markup characters in it are escaped, line breaks within a table become blanks.
#pragma once

#include <string>
#include <string_view>

#include "reports/report.h"

namespace portlab {

std::string WriteMarkdown(const Report& report);

// Text on its way into a table cell.
std::string EscapeMarkdown(std::string_view text);

}  // namespace portlab
