// Everything of the measurement but the runtime: percentiles, arena, observer, rounds, the
// starters.
#include <gtest/gtest.h>

#include <cerrno>
#include <thread>

#include "reports/opening_cost/arena.h"
#include "reports/opening_cost/direct_start.h"
#include "reports/opening_cost/measure.h"
#include "reports/opening_cost/observer.h"
#include "reports/opening_cost/otp_probe.h"
#include "reports/opening_cost/samples.h"

namespace portlab {
namespace {

constexpr Budget kShort = {50 * kMillisecond, 20};

TEST(PercentileTest, NearestRank) {
  EXPECT_EQ(Percentile({}, 0.5), 0);
  EXPECT_EQ(Percentile({7}, 0.1), 7);
  EXPECT_EQ(Percentile({4, 1, 3, 2}, 0.5), 2);
  EXPECT_EQ(Percentile({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 0.9), 9);
}

TEST(ArenaTest, EveryPageIsTouched) {
  const auto arena = Arena::Touched(1 << 20);
  ASSERT_TRUE(arena);
  EXPECT_EQ(arena->pages(), 256u);
  EXPECT_EQ(*arena->page(255), 1);
  EXPECT_GT(AvailableMemory(), 0);
}

TEST(DirectStartTest, EveryWayStartsAndWaits) {
  for (const auto start : {StartWithFork, StartWithVfork, StartWithPosixSpawn}) {
    EXPECT_TRUE(start("/bin/true"));
    EXPECT_FALSE(start("/bin/false"));
    EXPECT_FALSE(start("/no/such/program"));
  }
}

TEST(MeasureTest, ASampleOfEachMethodInEveryRound) {
  int calls = 0;
  std::vector<Method> methods = {
      {.name = "a", .sample = Timed([&] {
                      ++calls;
                      return Result<void>();
                    })},
      {.name = "b", .sample = [] { return Result<double>(5); }, .own_memory = true},
      {.name = "c", .note = "not here"}};
  Random random(1);
  const auto rows = MeasureCost(methods, 64, kShort, random);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].samples, rows[1].samples);
  EXPECT_GT(calls, rows[0].samples);
  EXPECT_EQ(rows[0].memory_mib, 64);
  EXPECT_EQ(rows[1].memory_mib, 0);
  EXPECT_EQ(rows[1].p10_us, 5);
  EXPECT_EQ(rows[1].p90_us, 5);
  EXPECT_EQ(rows[2].samples, 0);
  EXPECT_EQ(rows[2].note, "not here");
}

TEST(MeasureTest, FailingMethodIsLeftOutAndSaysWhy) {
  int calls = 0;
  const std::vector<Method> methods = {{.name = "a", .sample = [&]() -> Result<double> {
                                          ++calls;
                                          return Fail(Error::Errno(ENOENT, "gone"));
                                        }}};
  Random random(1);
  const auto rows = MeasureCost(methods, 64, kShort, random);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(rows[0].samples, 0);
  EXPECT_EQ(rows[0].note, "failed: enoent: gone");
}

TEST(MeasureTest, BatchIsDividedOut) {
  const auto slow = [] {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return Result<void>();
  };
  const auto one = Timed(slow, 4)();
  ASSERT_TRUE(one);
  EXPECT_GE(*one, 1000);
  EXPECT_LT(*one, 4000 * 50);
}

TEST(ObserverTest, SeesBothKindsOfRows) {
  if (!Observer::IsPossible()) GTEST_SKIP() << "one CPU: no stalls are measured then";
  const auto arena = Arena::Touched(1 << 20);
  ASSERT_TRUE(arena);
  const std::vector<Method> methods = {
      {.name = "fork + exec",
       .sample = Timed([] { return StartWithFork("/bin/true"); }),
       .with_stalls = true},
      {.name = "unwatched", .sample = [] { return Result<double>(0); }}};
  Random random(1);
  const auto rows = MeasureStalls(methods, *arena, 1, kShort, random);
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].method, "nothing");
  EXPECT_EQ(rows[0].observer, "writes");
  EXPECT_EQ(rows[3].method, "fork + exec");
  EXPECT_EQ(rows[3].observer, "spins");
  for (const StallRow& row : rows) EXPECT_GT(row.p90_us, 0) << row.method;
}

TEST(OtpProbeTest, WithoutErlTheReasonIsSaid) {
  ASSERT_EQ(::setenv("PATH", "/nonexistent", 1), 0);
  const auto probe = OtpProbe::Start("/nonexistent", "/bin/true");
  ASSERT_FALSE(probe);
  EXPECT_EQ(probe.error().detail, "erl not found");
}

}  // namespace
}  // namespace portlab
