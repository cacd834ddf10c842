#include "faulty_drivers/trial/latency_track.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace portlab {
namespace {

// Microseconds are as exact as it gets, and short in a report.
double Milliseconds(Nanos nanos) { return std::round(static_cast<double>(nanos) / 1000) / 1000; }

Nanos Percentile(std::vector<Nanos> values, double share) {
  if (values.empty()) return 0;
  const auto rank = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5);
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(rank));
  return values[rank];
}

}  // namespace

void LatencyTrack::BeginWatch(Nanos now) {
  watch_began_ = now;
  worst_ = 0;
  latencies_.clear();
  std::erase_if(points_, [&](const Point& point) { return point.asked_at < now - kBefore; });
}

void LatencyTrack::Ask(Nanos asked_at, Nanos due_at) {
  open_ = {asked_at, due_at};
  is_open_ = true;
}

void LatencyTrack::Answer(Nanos now) {
  if (!std::exchange(is_open_, false)) return;
  const Nanos latency = std::max<Nanos>(0, now - open_.latency);
  Add({open_.asked_at, latency});
  // A question from before the watch that had to wait into it counts: that is how a stall begins.
  if (now < watch_began_) return;
  worst_ = std::max(worst_, latency);
  if (latencies_.size() < kCounted) latencies_.push_back(latency);
}

void LatencyTrack::Add(const Point& point) {
  if (in_next_ == 0 || point.latency > next_.latency) next_ = point;
  if (++in_next_ < stride_) return;
  in_next_ = 0;
  points_.push_back(next_);
  if (points_.size() < kPoints) return;
  for (std::size_t i = 0; i < kPoints / 2; ++i) {
    const Point& one = points_[2 * i];
    const Point& other = points_[2 * i + 1];
    points_[i] = one.latency >= other.latency ? one : other;
  }
  points_.resize(kPoints / 2);
  stride_ *= 2;
}

void LatencyTrack::Summarise(Nanos now, Bystander& into) const {
  std::vector<Nanos> latencies = latencies_;
  Nanos worst = worst_;
  const auto add = [&](const Point& point, bool answered) {
    into.samples.push_back(
        {Milliseconds(point.asked_at - watch_began_), Milliseconds(point.latency), answered});
  };
  into.samples.clear();
  for (const Point& point : points_) add(point, true);
  if (in_next_ > 0) add(next_, true);
  if (is_open_ && now - open_.latency >= kOpenFrom) {
    const Nanos age = now - open_.latency;
    add({open_.asked_at, age}, false);
    latencies.push_back(age);
    worst = std::max(worst, age);
  }
  into.p50_ms = Milliseconds(Percentile(latencies, 0.5));
  into.p99_ms = Milliseconds(Percentile(latencies, 0.99));
  into.worst_ms = Milliseconds(worst);
}

}  // namespace portlab
