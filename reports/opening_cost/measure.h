// The measurement itself: rounds in which every method gives one sample, in an order that a seed
// shuffles, so that what else the machine does hits all of them alike.
//
// Threads: one. Ownership: what the methods capture is the caller's. Units: microseconds, Nanos.
// Errors: a method that fails is left out from then on, and its row says why.
// Source: performance.md B1 and 4.6 (ratios of interleaved percentiles).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/order.h"
#include "base/random.h"
#include "portlab/error.h"
#include "reports/opening_cost/arena.h"
#include "reports/report.h"

namespace portlab {

struct Method {
  std::string name = {};
  int batch = 1;                                // openings a sample
  std::function<Result<double>()> sample = {};  // microseconds for one opening
  std::string note = {};     // for the report; without `sample`: why there is none
  bool own_memory = false;   // in a process that the arena is not in
  bool with_stalls = false;  // its effect on another thread is of interest
};

// Times one call of `start` in microseconds; its Error when it failed.
std::function<Result<double>()> Timed(std::function<Result<void>()> start, int batch = 1);

struct Budget {
  Nanos time = 0;
  int rounds_max = 300;
};

// One row a method, in their order, of at least one round.
std::vector<CostRow> MeasureCost(const std::vector<Method>& methods, int memory_mib,
                                 const Budget& budget, Random& random);

// For both kinds of observer, and with the row "nothing" in front.
std::vector<StallRow> MeasureStalls(const std::vector<Method>& methods, const Arena& arena,
                                    int memory_mib, const Budget& budget, Random& random);

}  // namespace portlab
