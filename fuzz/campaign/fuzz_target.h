// What is fuzzed, and how one input is run: the host with a driver in it, supervised, alone.
//
// Threads: any, several at once. Ownership: nothing stays behind: no process, no file. Units: the
// field names say. Errors: Error when the host itself could not do its work (not built, the driver
// does not load): one sentence with the cause. What the input did is the InputRun.
// Source: fuzzing.md 5.8, 6.5.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/order.h"
#include "fuzz/campaign/bucket.h"
#include "launch/wait_status.h"
#include "portlab/error.h"

namespace portlab {

struct FuzzTarget {
  std::string host;    // bin/portlab-host-fuzz
  std::string driver;  // absolute
  bool guarded = false;
  std::string start_args;  // what follows the driver's name when a port is opened
  std::string calls;       // which operations are worth trying; empty: all
  int timeout_s = 20;      // for one input
  int memory_mb = 2048;
  std::size_t max_len = 4096;

  TracedModules modules() const { return {host, driver}; }
};

// Exit statuses that libFuzzer is told to use, or uses anyway.
inline constexpr int kHostRefused = 2;
inline constexpr int kHostFound = 77;
inline constexpr int kHostInterrupted = 72;

// Flags of every run, and what stands behind all other arguments.
std::vector<std::string> HostFlags(const FuzzTarget& target, const std::string& artifacts);
std::vector<std::string> HostTail(const FuzzTarget& target);
// Finding the names of functions takes longer than all else a crash needs; where it only matters
// whether two crashes are the same, addresses do.
enum class Symbols { kNames, kAddresses };
// Replaces what the caller's own environment says: reports must be readable.
std::vector<std::string> HostEnvironment(Symbols symbols);

// How a process of the host ended. Nullopt: without a finding.
struct HostEnd {
  WaitStatus status;
  bool time_limit = false;  // killed by us
  bool finished = false;    // the log says that all was run
};
std::optional<CrashReport> CrashOf(const HostEnd& end, const std::string& log);
// The last line that says something, for a host that refused to work.
std::string LastWordsOf(const std::string& log);

struct InputRun {
  std::optional<CrashReport> crash;
  Bucket bucket;            // when it crashed
  std::size_t crashed = 0;  // index of the file
  bool cancelled = false;
  std::string log;
};

// One file after the other in one process, up to the first that crashes.
Result<InputRun> RunInputs(const FuzzTarget& target, const std::vector<std::string>& files,
                           Symbols symbols, const std::function<bool()>& cancelled);

}  // namespace portlab
