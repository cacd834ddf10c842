#include "stress/harness/ratio_report.h"

#include <gtest/gtest.h>

#include <functional>

namespace portlab {
namespace {

using RunResult = benchmark::BenchmarkReporter::Run;

RunResult Measured(const std::string& name, double nanoseconds, bool real = false) {
  RunResult run;
  // As Google Benchmark numbers them: each name a family of its own.
  run.family_index = static_cast<std::int64_t>(std::hash<std::string>{}(name) >> 1);
  run.run_name.function_name = name;
  if (real) run.run_name.time_type = "real_time";
  run.iterations = 1;
  run.time_unit = benchmark::kNanosecond;
  (real ? run.real_accumulated_time : run.cpu_accumulated_time) = nanoseconds / 1e9;
  return run;
}

std::string Printed(const RatioReport& report, bool expected) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(report.PrintRatios(), expected);
  return testing::internal::GetCapturedStdout();
}

TEST(PercentileTest, OrdersTheSamples) {
  EXPECT_EQ(Percentile({5, 1, 4, 2, 3}, 0), 1);
  EXPECT_EQ(Percentile({5, 1, 4, 2, 3}, 0.5), 3);
  EXPECT_EQ(Percentile({5, 1, 4, 2, 3}, 1), 5);
  EXPECT_EQ(Percentile({7}, 0.1), 7);
}

TEST(RatioReportTest, PairGivesOneLine) {
  RatioReport report;
  for (double time : {200.0, 210.0, 900.0}) report.ReportRuns({Measured("open", time)});
  for (double time : {50.0, 70.0, 60.0}) report.ReportRuns({Measured("open/floor", time)});
  EXPECT_EQ(Printed(report, true),
            "open: 200 ns (p90 900 ns), floor 50 ns (p90 70 ns), ratio 4.00 (p10 of 3 "
            "repetitions)\n");
}

TEST(RatioReportTest, RealTimeCountsWhereItWasAskedFor) {
  RatioReport report;
  report.ReportRuns({Measured("spawn", 60'000, true), Measured("spawn/floor", 40'000, true)});
  EXPECT_EQ(Printed(report, true),
            "spawn: 60.0 us (p90 60.0 us), floor 40.0 us (p90 40.0 us), ratio 1.50 (p10 of 1 "
            "repetitions)\n");
}

TEST(RatioReportTest, LinesComeInTheOrderOfRegistration) {
  RatioReport report;
  std::int64_t index = 4;
  for (const char* name : {"b/floor", "b", "a/floor", "a"}) {
    RunResult run = Measured(name, 2'000'000);
    run.family_index = --index;
    report.ReportRuns({run});
  }
  EXPECT_EQ(Printed(report, true),
            "a: 2.00 ms (p90 2.00 ms), floor 2.00 ms (p90 2.00 ms), ratio 1.00 (p10 of 1 "
            "repetitions)\n"
            "b: 2.00 ms (p90 2.00 ms), floor 2.00 ms (p90 2.00 ms), ratio 1.00 (p10 of 1 "
            "repetitions)\n");
}

TEST(RatioReportTest, MissingFloorIsTold) {
  RatioReport report;
  report.ReportRuns({Measured("open", 200)});
  EXPECT_EQ(Printed(report, false), "open: 200 ns (p90 200 ns), no floor was measured\n");
}

TEST(RatioReportTest, FailedRunIsTold) {
  RatioReport report;
  RunResult failed = Measured("open", 200);
  failed.error_occurred = true;
  failed.error_message = "the port did not open";
  report.ReportRuns({failed, Measured("close", 9), Measured("close/floor", 3)});
  EXPECT_EQ(Printed(report, false),
            "close: 9 ns (p90 9 ns), floor 3 ns (p90 3 ns), ratio 3.00 (p10 of 1 repetitions)\n");
}

TEST(RatioReportTest, NothingMeasuredIsAFailure) { EXPECT_EQ(Printed(RatioReport(), false), ""); }

}  // namespace
}  // namespace portlab
