// The real monotonic clock. Processes live in real time even when the runtime's own clock
// (base/order.h) is virtual, so launch/ measures with this one. Threads: any. Units: nanoseconds.
#pragma once

#include <time.h>

#include <algorithm>

#include "base/order.h"

namespace portlab {

inline Nanos RealNow() {
  timespec now = {};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return Nanos{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// For poll(2): milliseconds until `deadline`, rounded up, at least 0 and at most `at_most`.
inline int MillisecondsUntil(Nanos deadline, int at_most) {
  const Nanos left = deadline - RealNow();
  return static_cast<int>(std::clamp<Nanos>((left + kMillisecond - 1) / kMillisecond, 0, at_most));
}

}  // namespace portlab
