// Everything a driver can do at once: threads, async jobs, port data locks, timers, flushes and
// terms from all of them, with ports that are opened and ended in every way by several processes;
// then, when all is quiet, every port, thread, job, reference, binary, block and message is
// accounted for. The driver is crowd_drv.c.
//
// Threads: RunCrowd starts its own. Units: rounds are ports opened. Errors: Result when the crowd
// could not be set up; what does not add up is a line of `broken`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "portlab/runtime.h"

namespace portlab {

struct CrowdPlan {
  std::uint64_t seed = 1;
  int threads = 4;
  std::uint64_t rounds = 400;  // over all threads
  std::string driver_file;     // crowd_drv.so, or a twin
};

struct CrowdReport {
  // The driver's own counts, in this order.
  static constexpr const char* kNames[] = {
      "ports",      "stops",      "threads", "threads_ended", "jobs",        "jobs_ready",
      "jobs_freed", "terms_sent", "outputs", "driver_output", "late_refused"};
  enum Index {
    kPorts,
    kStops,
    kThreads,
    kThreadsEnded,
    kJobs,
    kJobsReady,
    kJobsFreed,
    kSent,
    kOutputTerms,
    kOutputs,
    kLateRefused
  };
  std::vector<std::int64_t> counts;
  std::int64_t exits = 0;           // EXIT messages of ports
  std::vector<std::string> broken;  // empty: all adds up
};

Result<CrowdReport> RunCrowd(Runtime& runtime, const CrowdPlan& plan);

}  // namespace portlab
