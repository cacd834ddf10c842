// The charts of the report: inline SVG whose colours come from the style sheet.
//
// Threads: any. Errors: none; values that are not positive are drawn at the left edge of a
// logarithmic axis. Every chart has a text for those who do not see it.
#pragma once

#include <string>
#include <vector>

#include "reports/summary.h"

namespace portlab::html {

// A bar from 0 to `full`; `silent`: nothing was heard any more, drawn full and in another colour.
std::string GapBar(double value, double full, bool silent, const std::string& text);

// The verdicts of one mode as one bar of their shares.
std::string ShareBar(const VerdictCounts& counts, const std::string& text);

struct RangeMark {
  double low = 0;  // microseconds, as the rest
  double mid = 0;
  double high = 0;
  int series = 0;  // 0 or 1: a round and a square mark
};

struct RangeRow {
  std::string label;
  std::vector<RangeMark> marks;
  std::string remark;  // drawn instead of marks
};

// One row a method, a mark at each middle value and a line from low to high, on a logarithmic axis.
std::string RangeChart(const std::vector<RangeRow>& rows, const std::string& text);

}  // namespace portlab::html
