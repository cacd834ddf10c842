#include "faulty_drivers/trial/latency_track.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace portlab {
namespace {

constexpr Nanos kMs = kMillisecond;

void Question(LatencyTrack& track, Nanos at, Nanos latency) {
  track.Ask(at, at);
  track.Answer(at + latency);
}

Bystander Summary(const LatencyTrack& track, Nanos now) {
  Bystander bystander;
  track.Summarise(now, bystander);
  return bystander;
}

TEST(LatencyTrackTest, PercentilesAreOfTheWatchAndTheCurveBeginsBefore) {
  LatencyTrack track;
  Question(track, 100 * kMs, 7 * kMs);
  Question(track, 900 * kMs, 50 * kMs);
  track.BeginWatch(1000 * kMs);
  for (int i = 0; i < 90; ++i) Question(track, (1000 + i) * kMs, kMs);
  Question(track, 1100 * kMs, 9 * kMs);
  const Bystander summary = Summary(track, 1200 * kMs);
  EXPECT_EQ(summary.p50_ms, 1.0);
  EXPECT_EQ(summary.p99_ms, 1.0);
  EXPECT_EQ(summary.worst_ms, 9.0);
  ASSERT_EQ(summary.samples.size(), 92u);
  EXPECT_EQ(summary.samples.front().at_ms, -100.0) << "what is older is left out";
  EXPECT_EQ(summary.samples.front().latency_ms, 50.0);
  EXPECT_EQ(summary.samples.back().at_ms, 100.0);
}

TEST(LatencyTrackTest, ManyAnswersMakeFewPointsAndEveryPeakIsKept) {
  LatencyTrack track;
  track.BeginWatch(0);
  // Early ones go through many merges, on either side of a pair.
  const std::map<int, Nanos> peaks = {
      {0, 100 * kMs}, {2'601, 200 * kMs}, {7'002, 300 * kMs}, {12'345, 800 * kMs}};
  for (int i = 0; i < 20'000; ++i) {
    Question(track, i * kMs, peaks.contains(i) ? peaks.at(i) : kMs);
  }
  const Bystander summary = Summary(track, 20'000 * kMs);
  EXPECT_LE(summary.samples.size(), LatencyTrack::kPoints);
  EXPECT_GE(summary.samples.size(), LatencyTrack::kPoints / 2);
  double peak = 0;
  double peak_at = 0;
  double last_at = -1;
  for (const LatencySample& sample : summary.samples) {
    EXPECT_GT(sample.at_ms, last_at);
    last_at = sample.at_ms;
    if (sample.latency_ms > peak) peak = sample.latency_ms, peak_at = sample.at_ms;
  }
  for (const auto& [at, latency] : peaks) {
    EXPECT_TRUE(std::ranges::any_of(summary.samples, [&](const LatencySample& sample) {
      return sample.at_ms == at && sample.latency_ms == static_cast<double>(latency / kMs);
    })) << at;
  }
  EXPECT_EQ(peak, 800.0);
  EXPECT_EQ(peak_at, 12'345.0);
  EXPECT_EQ(summary.worst_ms, 800.0);
}

TEST(LatencyTrackTest, OpenQuestionCountsWithItsAge) {
  LatencyTrack track;
  track.BeginWatch(0);
  Question(track, kMs, kMs);
  track.Ask(10 * kMs, 20 * kMs);
  EXPECT_EQ(Summary(track, 119 * kMs).samples.size(), 1u) << "due, but only just";
  const Bystander summary = Summary(track, 1520 * kMs);
  ASSERT_EQ(summary.samples.size(), 2u);
  EXPECT_FALSE(summary.samples[1].answered);
  EXPECT_EQ(summary.samples[1].latency_ms, 1500.0);
  EXPECT_EQ(summary.worst_ms, 1500.0);
  EXPECT_EQ(summary.p99_ms, 1500.0);
}

TEST(LatencyTrackTest, AnswersThatAreEarlyOrUnaskedTakeNoTime) {
  LatencyTrack track;
  track.BeginWatch(0);
  track.Answer(5 * kMs);
  EXPECT_TRUE(Summary(track, 6 * kMs).samples.empty());
  track.Ask(0, 10 * kMs);
  track.Answer(8 * kMs);
  EXPECT_EQ(Summary(track, 9 * kMs).worst_ms, 0.0);
}

}  // namespace
}  // namespace portlab
