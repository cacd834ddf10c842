// What the host saw during a trial that it survived, and the verdict on it.
// Threads: values; Judge is pure. Units: bytes, milliseconds where a name ends in Ms. Source:
// design, decision 12.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "faulty_drivers/trial/outcome.h"

namespace portlab {

struct Observations {
  int stuck_schedulers = 0;               // in one callback for longer than kStuckAfter, at the end
  bool owner_stuck = false;               // the port's owner never got away from its port
  bool answered = false;                  // the port answered the last request of the trial
  bool port_ended = false;                // before anybody closed it
  std::optional<int> exit_status;         // of the program, as the owner was told
  std::string exit_reason;                // of the port, as the owner was told
  std::int64_t mailbox_peak_bytes = 0;    // of the owner
  std::int64_t program_growth_bytes = 0;  // of the program's own memory
  bool fired_inside = false;              // the program said that it did its fault, and went on
  bool outlives_port = false;             // the program still runs although its port was closed
  bool port_lingers = false;              // the port is still there although it was closed
  Retained retained;
  std::vector<Bystander> bystanders;
  std::vector<Drift> drift;
};

// From here on something is worth a verdict.
inline constexpr int kStuckAfterMs = 500;
inline constexpr std::int64_t kRetainedMax = 16 << 20;
inline constexpr std::int64_t kMailboxMax = 64 << 20;

// Fills in verdict, key, what and port_ended of an outcome. First cause wins. In this order, as an
// earlier one explains a later one: stuck; memory; flood; ports, fds, threads, blocks, binaries;
// drift, in drift.h's order; bystander. So descriptors 0 to 2 that were closed are degraded:fds,
// and degraded:drift:stdio when they are open, but something else.
void Judge(const Observations& seen, Outcome& outcome);

}  // namespace portlab
