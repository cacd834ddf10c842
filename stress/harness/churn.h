// Concurrent open/close around the port limit, with starts that fail and programs that crash; then,
// when all is quiet, the invariants: the runtime's count, the table, the driver's own counts, and
// what the operating system still holds for us.
//
// Which operations a thread tries depends on its seed alone, never on what became of the earlier
// ones, so that a seed repeats each thread's operations (their interleaving is the machine's).
//
// Threads: RunChurn starts its own. Units: rounds are tries to open. Errors: Result when the churn
// could not be set up. Source: design, decision 6; concurrency.md 1 (I1, I2, I12).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "portlab/error.h"
#include "portlab/limits.h"
#include "portlab/runtime.h"

namespace portlab {

struct ChurnPlan {
  std::uint64_t seed = 1;
  int threads = 4;
  std::uint64_t rounds = 100'000;  // over all threads
  int failed_start_percent = 25;   // of the rounds: a start that fails
  int program_percent = 6;         // of the rounds: an external program that crashes
  std::string driver_file;         // churn_drv.so
  std::string program_file;        // a program that crashes when it is told "fire"
};

struct ChurnReport {
  std::uint64_t opened = 0;
  std::uint64_t refused_by_start = 0;
  std::uint64_t refused_by_limit = 0;
  std::uint64_t programs_crashed = 0;
  std::vector<std::uint64_t> operation_digests;  // one a thread, equal for equal seeds
  std::vector<std::string> broken;               // invariants that do not hold; empty: all do
};

// `progress` is called now and then with the rounds done so far.
Result<ChurnReport> RunChurn(Runtime& runtime, const ChurnPlan& plan,
                             void (*progress)(std::uint64_t done));

// What the process holds of the operating system.
struct Holdings {
  int fds = 0;
  int zombies = 0;   // children not reaped, of this process or its spawn server
  int programs = 0;  // live descendants other than the spawn server
};
Holdings CountHoldings();

}  // namespace portlab
