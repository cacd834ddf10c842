// Percentiles of measured times. Threads: one at a time. Units: microseconds.
#pragma once

#include <vector>

namespace portlab {

// The value that `share` (0 … 1) of the values do not exceed, nearest rank; 0 for no values.
double Percentile(std::vector<double> values, double share);

}  // namespace portlab
