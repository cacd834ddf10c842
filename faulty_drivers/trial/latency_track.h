// How long one bystander's questions took, over the time around the trigger: bounded in memory
// however long it goes on, and no peak is lost.
//
// Threads: one at a time. Ownership: values. Units: nanoseconds in, milliseconds out. Errors: none.
// Source: isolation.md 3, C7 (gray failures), and 3, metrics per mode.
#pragma once

#include <cstddef>
#include <vector>

#include "base/order.h"
#include "faulty_drivers/trial/outcome.h"

namespace portlab {

class LatencyTrack {
 public:
  // Points of a curve: when there are more, neighbours become one, the one that took longer.
  static constexpr std::size_t kPoints = 96;
  // So many latencies make the percentiles; later ones only the curve and the maximum.
  static constexpr std::size_t kCounted = 16 * 1024;
  // How much of the time before the watch the curve keeps.
  static constexpr Nanos kBefore = 500 * kMillisecond;
  // A question that is still open counts from this age on; a younger one is only under way.
  static constexpr Nanos kOpenFrom = 100 * kMillisecond;

  // From here on percentiles and the maximum count; the curve's zero.
  void BeginWatch(Nanos now);
  // Before the answer counts, the question has to be there: asked at `asked_at`, an answer was due
  // at `due_at`.
  void Ask(Nanos asked_at, Nanos due_at);
  void Answer(Nanos now);

  // Fills in p50_ms, p99_ms, worst_ms and samples; a question that is still open counts with its
  // age at `now`.
  void Summarise(Nanos now, Bystander& into) const;

 private:
  struct Point {
    Nanos asked_at = 0;
    Nanos latency = 0;
  };
  void Add(const Point& point);

  std::vector<Point> points_;
  std::size_t stride_ = 1;  // so many answers make a point
  Point next_;              // the longest of those that are to make one
  std::size_t in_next_ = 0;
  std::vector<Nanos> latencies_;
  Nanos watch_began_ = 0;
  Nanos worst_ = 0;
  Point open_;  // the question without an answer; its `latency` is when the answer is due
  bool is_open_ = false;
};

}  // namespace portlab
