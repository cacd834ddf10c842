#include "stress/harness/ratio_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace portlab {
namespace {

constexpr std::string_view kFloorSuffix = "/floor";
constexpr std::string_view kOption = "--ratios";

// "123 ns", "45.6 us" or "7.89 ms".
std::string Time(double nanoseconds) {
  char text[32];
  if (nanoseconds < 10'000) {
    std::snprintf(text, sizeof(text), "%.0f ns", nanoseconds);
  } else if (nanoseconds < 1'000'000) {
    std::snprintf(text, sizeof(text), "%.1f us", nanoseconds / 1e3);
  } else {
    std::snprintf(text, sizeof(text), "%.2f ms", nanoseconds / 1e6);
  }
  return text;
}

std::string Spread(const std::vector<double>& samples) {
  return Time(Percentile(samples, 0.1)) + " (p90 " + Time(Percentile(samples, 0.9)) + ")";
}

bool AllZero(const std::vector<double>& samples) {
  return std::all_of(samples.begin(), samples.end(), [](double value) { return value <= 0; });
}

int PrintRatios(std::string repetitions) {
  if (repetitions.empty()) repetitions = "20";
  std::vector<std::string> words = {"ratios", "--benchmark_enable_random_interleaving=true",
                                    "--benchmark_min_time=0.02",
                                    "--benchmark_repetitions=" + repetitions};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  RatioReport report;
  benchmark::RunSpecifiedBenchmarks(&report);
  return report.PrintRatios() ? 0 : 1;
}

}  // namespace

double Percentile(std::vector<double> samples, double part) {
  const auto last = static_cast<double>(samples.size() - 1);
  const auto at = static_cast<std::ptrdiff_t>(std::lround(part * last));
  std::nth_element(samples.begin(), samples.begin() + at, samples.end());
  return samples[static_cast<std::size_t>(at)];
}

void RatioReport::ReportRuns(const std::vector<Run>& runs) {
  for (const Run& run : runs) {
    if (run.error_occurred) {
      std::fprintf(stderr, "%s: %s\n", run.benchmark_name().c_str(), run.error_message.c_str());
      failed_ = true;
      continue;
    }
    if (run.run_type != Run::RT_Iteration) continue;
    const std::string& name = run.run_name.function_name;
    names_[run.family_index] = name;
    const bool real = run.run_name.time_type == "real_time";
    const double per_unit = benchmark::GetTimeUnitMultiplier(run.time_unit) / 1e9;
    const double time = real ? run.GetAdjustedRealTime() : run.GetAdjustedCPUTime();
    samples_[name].push_back(time / per_unit);
  }
}

bool RatioReport::PrintRatios() const {
  bool complete = !failed_ && !samples_.empty();
  for (const auto& [index, name] : names_) {
    if (name.ends_with(kFloorSuffix)) continue;
    const std::vector<double>& subject = samples_.at(name);
    const auto found = samples_.find(name + std::string(kFloorSuffix));
    if (found == samples_.end() || AllZero(found->second)) {
      std::printf("%s: %s, no floor was measured\n", name.c_str(), Spread(subject).c_str());
      complete = false;
      continue;
    }
    const std::vector<double>& floor = found->second;
    std::printf("%s: %s, floor %s, ratio %.2f (p10 of %zu repetitions)\n", name.c_str(),
                Spread(subject).c_str(), Spread(floor).c_str(),
                Percentile(subject, 0.1) / Percentile(floor, 0.1),
                std::min(subject.size(), floor.size()));
  }
  return complete;
}

int BenchmarkMain(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]).starts_with(kOption)) {
    const char* equals = std::strchr(argv[1], '=');
    return PrintRatios(equals != nullptr ? equals + 1 : "");
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

}  // namespace portlab
