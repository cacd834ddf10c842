// Reads what a sanitizer wrote to stderr before it ended its process.
//
// Threads: pure. Errors: none; text without a report gives an empty one.
// Source: isolation.md 5.2, items 3 and 4.
#pragma once

#include <string>
#include <string_view>

namespace portlab {

struct SanitizerReport {
  std::string tool;  // "AddressSanitizer", "LeakSanitizer", "UndefinedBehaviorSanitizer", …; empty:
                     // no report
  std::string type;  // "SEGV", "heap-use-after-free", "null-pointer-use"; empty for a leak
  std::string head;  // the first lines, for people
};

// The first report in `log`.
SanitizerReport ParseSanitizerLog(std::string_view log);

}  // namespace portlab
