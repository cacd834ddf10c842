// What one open and close of a table entry costs, beside the floor: one compare-exchange, one load.
//
// Pairs per second of real time; with 2 threads both work on one table. Goals G1 and G2 in
// performance.md.
#include <benchmark/benchmark.h>

#include "port/port_table.h"

namespace portlab {
namespace {

// About the hot part of a port.
struct HotPart {
  std::uint64_t words[16] = {};
};

PortTable<HotPart>& SharedTable(LimitCounterKind kind) {
  static PortTable<HotPart> reserve(65536, LimitCounterKind::kReserve);
  static PortTable<HotPart> otp(65536, LimitCounterKind::kOtp);
  return kind == LimitCounterKind::kOtp ? otp : reserve;
}

void BM_FloorCompareExchange(benchmark::State& state) {
  static std::atomic<std::uint64_t> word{0};
  std::uint64_t seen = 0;
  for (auto _ : state) word.compare_exchange_weak(seen, seen + 1);
}
BENCHMARK(BM_FloorCompareExchange)->ThreadRange(1, 2)->UseRealTime();

void BM_FloorLoad(benchmark::State& state) {
  static std::atomic<std::uint64_t> word{0};
  for (auto _ : state) benchmark::DoNotOptimize(word.load(std::memory_order_acquire));
}
BENCHMARK(BM_FloorLoad)->UseRealTime();

void BM_AcquireRelease(benchmark::State& state, LimitCounterKind kind) {
  PortTable<HotPart>& table = SharedTable(kind);
  for (auto _ : state) {
    const Result<PortId> id =
        table.Acquire([](HotPart& part, PortId new_id) { part.words[0] = new_id.number; });
    if (!id || !table.Release(*id)) state.SkipWithError("the table is wrong");
  }
}
BENCHMARK_CAPTURE(BM_AcquireRelease, reserve, LimitCounterKind::kReserve)
    ->ThreadRange(1, 2)
    ->UseRealTime();
BENCHMARK_CAPTURE(BM_AcquireRelease, otp, LimitCounterKind::kOtp)->ThreadRange(1, 2)->UseRealTime();

// The argument: how many ports are open beside it. G8: the cost must not grow.
void BM_AcquireReleaseInFullTable(benchmark::State& state) {
  const auto limit = static_cast<std::uint32_t>(state.range(0));
  PortTable<HotPart> table(limit);
  const auto init = [](HotPart& part, PortId id) { part.words[0] = id.number; };
  for (std::uint32_t i = 0; i + 1 < limit; ++i) (void)table.Acquire(init);
  for (auto _ : state) {
    const Result<PortId> id = table.Acquire(init);
    if (!id || !table.Release(*id)) state.SkipWithError("the table is wrong");
  }
}
BENCHMARK(BM_AcquireReleaseInFullTable)->Arg(1024)->Arg(65536)->Arg(1 << 20)->UseRealTime();

void BM_Find(benchmark::State& state) {
  PortTable<HotPart> table(65536);
  const PortId id = *table.Acquire([](HotPart&, PortId) {});
  for (auto _ : state) benchmark::DoNotOptimize(table.Find(id));
}
BENCHMARK(BM_Find)->UseRealTime();

void BM_FindStale(benchmark::State& state) {
  PortTable<HotPart> table(65536);
  const PortId id = *table.Acquire([](HotPart&, PortId) {});
  table.Release(id);
  for (auto _ : state) benchmark::DoNotOptimize(table.Find(id));
}
BENCHMARK(BM_FindStale)->UseRealTime();

void BM_Refused(benchmark::State& state, LimitCounterKind kind) {
  PortTable<HotPart> table(1, kind);
  (void)table.Acquire([](HotPart&, PortId) {});
  for (auto _ : state) benchmark::DoNotOptimize(table.Acquire([](HotPart&, PortId) {}));
}
BENCHMARK_CAPTURE(BM_Refused, reserve, LimitCounterKind::kReserve)->UseRealTime();
BENCHMARK_CAPTURE(BM_Refused, otp, LimitCounterKind::kOtp)->UseRealTime();

}  // namespace
}  // namespace portlab

BENCHMARK_MAIN();
