// What a process is like, in all that a driver can change without a call to the driver API and
// that no crash will ever tell of: a snapshot before the port was opened and one after it was
// closed, and the differences in words.
//
// Open fds and threads are not here: measure.h counts them. The values of environment variables are
// not kept, only whether they differ. What belongs to one thread (signal mask, priority, affinity)
// is compared for threads that are in both snapshots.
//
// Threads: Take from any; what other threads change meanwhile may be seen or not. Ownership:
// values. Units: none. Errors: none: what cannot be read is the same text both times. Source:
// isolation.md 3 (E1, E2, F1 to F7), 5.2 item 7; proc(5).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/order.h"
#include "faulty_drivers/trial/outcome.h"

namespace portlab {

struct DriftSnapshot {
  using Items = std::map<std::string, std::string>;  // what it is about, and how it is
  // By kind, in the order in which they become a verdict: stdio, cwd, umask, environment, locale,
  // signals, timers, fp_control, rlimits, priority, affinity, children.
  std::vector<std::pair<std::string_view, Items>> kinds;

  static DriftSnapshot Take();
  // The last of three in a row that are the same, with no thread that is only just being made and
  // still blocks every signal; or what there is at the deadline.
  static DriftSnapshot TakeSettled(Nanos deadline);
  friend bool operator==(const DriftSnapshot&, const DriftSnapshot&) = default;
};

// One for each kind that differs, in that order.
std::vector<Drift> DriftBetween(const DriftSnapshot& before, const DriftSnapshot& after);

}  // namespace portlab
