// What something costs beside its floor: the least that any implementation would have to do.
//
// A benchmark named "X" has its floor beside it under "X/floor". Both are measured in the same run,
// their repetitions in random order, so that whatever else the machine does happens to both. One
// line for each pair:
//
//   open+close: 210 ns (p90 233), floor 51 ns (p90 55), ratio 4.1 (p10 of 20 repetitions)
//
// p10 because other work on the machine only ever adds time. The ratio is what can be compared
// between machines; nothing here fails because of a time.
//
// Threads: one. Units: nanoseconds of processor time of the benchmark's thread; of real time for a
// benchmark that asked for that (UseRealTime).
// Errors: a pair that was not measured, or that failed, is told, and Report returns false.
// Source: performance.md 1; Google Benchmark's random interleaving.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace portlab {

// The value below which a tenth (0.1), half (0.5) … of the samples are. REQUIRES: samples.
double Percentile(std::vector<double> samples, double part);

class RatioReport : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& /*context*/) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override;
  // Prints a line for each pair to stdout. False: something was not measured.
  bool PrintRatios() const;

 private:
  std::map<std::string, std::vector<double>> samples_;
  std::map<std::int64_t, std::string> names_;  // in the order in which they were registered
  bool failed_ = false;
};

// The main function of a benchmark: with --ratios[=REPETITIONS] as first argument it prints ratios,
// otherwise it is Google Benchmark's own. Result: the exit status.
int BenchmarkMain(int argc, char** argv);

}  // namespace portlab
