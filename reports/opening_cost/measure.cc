#include "reports/opening_cost/measure.h"

#include <algorithm>
#include <numeric>
#include <thread>

#include "launch/real_time.h"
#include "reports/opening_cost/observer.h"
#include "reports/opening_cost/samples.h"

namespace portlab {
namespace {

// The first rounds fill caches and start the spawn server.
constexpr int kWarmUp = 2;
// How long "nothing" is watched: about as long as starting a program takes.
constexpr std::chrono::microseconds kQuietTime(200);

struct Series {
  std::vector<double> samples;
  std::string error;
};

// Numbers 0 … count - 1, in an order of the seed's.
std::vector<std::size_t> Shuffled(std::size_t count, Random& random) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[random.Below(i)]);
  return order;
}

using Sampler = std::function<Result<double>(const Method&)>;

std::vector<Series> RunRounds(const std::vector<Method>& methods, const Budget& budget,
                              Random& random, const Sampler& sampler) {
  std::vector<Series> series(methods.size());
  const Nanos deadline = RealNow() + budget.time;
  for (int round = 0; round < budget.rounds_max + kWarmUp; ++round) {
    if (round > kWarmUp && RealNow() > deadline) break;
    for (const std::size_t i : Shuffled(methods.size(), random)) {
      if (!methods[i].sample || !series[i].error.empty()) continue;
      const Result<double> sample = sampler(methods[i]);
      if (!sample) {
        series[i].error = sample.error().ToString();
      } else if (round >= kWarmUp) {
        series[i].samples.push_back(*sample);
      }
    }
  }
  return series;
}

std::vector<StallRow> StallsSeen(const std::vector<Method>& methods, const Arena& arena,
                                 Observer::Kind kind, int memory_mib, const Budget& budget,
                                 Random& random) {
  Observer observer(arena, kind);
  const auto series = RunRounds(methods, budget, random, [&](const Method& method) {
    observer.Begin();
    const Result<double> time = method.sample();
    const double gap = observer.EndUs();
    return time ? Result<double>(gap) : time;
  });
  std::vector<StallRow> rows;
  for (std::size_t i = 0; i < methods.size(); ++i) {
    if (series[i].samples.empty()) continue;
    rows.push_back({methods[i].name, kind == Observer::Kind::kWrites ? "writes" : "spins",
                    memory_mib, static_cast<int>(series[i].samples.size()),
                    Percentile(series[i].samples, 0.5), Percentile(series[i].samples, 0.9)});
  }
  return rows;
}

}  // namespace

std::function<Result<double>()> Timed(std::function<Result<void>()> start, int batch) {
  return [start = std::move(start), batch]() -> Result<double> {
    const Nanos begin = RealNow();
    for (int i = 0; i < batch; ++i) {
      const Result<void> started = start();
      if (!started) return Fail(started.error());
    }
    return static_cast<double>(RealNow() - begin) / 1000 / batch;
  };
}

std::vector<CostRow> MeasureCost(const std::vector<Method>& methods, int memory_mib,
                                 const Budget& budget, Random& random) {
  const auto series =
      RunRounds(methods, budget, random, [](const Method& method) { return method.sample(); });
  std::vector<CostRow> rows;
  for (std::size_t i = 0; i < methods.size(); ++i) {
    const Method& method = methods[i];
    const auto& samples = series[i].samples;
    const std::string& error = series[i].error;
    rows.push_back({method.name, method.own_memory ? 0 : memory_mib,
                    static_cast<int>(samples.size()), method.batch, Percentile(samples, 0.1),
                    Percentile(samples, 0.5), Percentile(samples, 0.9),
                    error.empty() ? method.note : "failed: " + error});
  }
  return rows;
}

std::vector<StallRow> MeasureStalls(const std::vector<Method>& methods, const Arena& arena,
                                    int memory_mib, const Budget& budget, Random& random) {
  std::vector<Method> watched;
  watched.push_back({.name = "nothing", .sample = [] {
                       std::this_thread::sleep_for(kQuietTime);
                       return Result<double>(0);
                     }});
  std::copy_if(methods.begin(), methods.end(), std::back_inserter(watched),
               [](const Method& method) { return method.with_stalls; });
  std::vector<StallRow> rows;
  const Budget half = {budget.time / 2, budget.rounds_max};
  for (const auto kind : {Observer::Kind::kWrites, Observer::Kind::kSpins}) {
    const auto seen = StallsSeen(watched, arena, kind, memory_mib, half, random);
    rows.insert(rows.end(), seen.begin(), seen.end());
  }
  return rows;
}

}  // namespace portlab
