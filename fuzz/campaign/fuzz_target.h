// What is fuzzed, and how one input is run: by a host that is a libFuzzer binary, supervised,
// alone. The host has a driver in it, or the packet loop of a program, or drives a program of its
// own.
//
// Threads: any, several at once. Ownership: nothing stays behind: no process, no file. Units: the
// field names say. Errors: Error when the host itself could not do its work (not built, the driver
// does not load): one sentence with the cause. What the input did is the InputRun.
// Source: fuzzing.md 5.8, 6.5.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/order.h"
#include "fuzz/crash/bucket.h"
#include "fuzz/operations/packets.h"
#include "launch/wait_status.h"
#include "portlab/error.h"

namespace portlab {

enum class TargetKind {
  kDriver,   // a linked-in driver
  kLibrary,  // a program's packet loop in a shared library: int port_main(int in, int out)
  kProgram,  // a program: a process of its own, without feedback from its code
};
inline constexpr TargetKind kTargetKinds[] = {TargetKind::kDriver, TargetKind::kLibrary,
                                              TargetKind::kProgram};
std::string_view KindName(TargetKind kind);  // "driver", "library", "program"
// In sentences: "driver", or "program" for both of the others.
std::string_view NounOf(TargetKind kind);
std::string_view HostNameOf(TargetKind kind);  // "portlab-host-fuzz", …

struct FuzzTarget {
  TargetKind kind = TargetKind::kDriver;
  std::string host;  // a libFuzzer binary: HostNameOf
  std::string file;  // of the driver or program; absolute
  // Drivers.
  bool guarded = false;
  std::string start_args;  // what follows the driver's name when a port is opened
  std::string calls;       // which operations are worth trying; empty: all
  // Programs.
  PacketFraming framing;
  std::vector<std::string> args;
  std::vector<int> ok_exits;  // exit statuses that are no finding, beside 0

  int timeout_s = 20;  // for one input
  int memory_mb = 2048;
  std::size_t max_len = 4096;

  TracedModules modules() const { return {host, file, kind == TargetKind::kProgram}; }
  // Whether libFuzzer sees which code of it runs.
  bool has_feedback() const { return kind != TargetKind::kProgram && !guarded; }
  // Whether its host can go on after a crash that is known.
  bool outlives_crashes() const { return kind == TargetKind::kProgram; }
  std::size_t operations_max() const {
    return kind == TargetKind::kDriver ? kOperationsMax : kPacketsMax;
  }
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
// The same for inputs that are no files.
Result<InputRun> RunSequence(const FuzzTarget& target, const std::vector<std::string>& inputs,
                             Symbols symbols, const std::function<bool()>& cancelled);

}  // namespace portlab
