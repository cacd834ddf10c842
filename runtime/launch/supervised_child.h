// Runs one executable under supervision and tells how it ended. Whatever may crash runs in one of
// these: a trial, a fuzz reproduction, an `erl`.
//
// The child leads a session of its own, has /dev/null as stdin, pipes as stdout and stderr, default
// signals, no core file, and dies with the calling THREAD (PR_SET_PDEATHSIG): call from one that
// outlives the run. When it has ended, or was ended, everything left of it is killed and reaped:
// its process group always, and what left the group if this process is a subreaper (descendants.h:
// call BecomeSubreaper first).
//
// Threads: any, several at once; a stray orphan (one that left the child's session) goes to the
// last run in progress. Ownership: inherited descriptors stay the caller's. Nothing else is left:
// no descriptor, no zombie, no file. Units: Nanos of real time, bytes, KiB where the name says so.
// Errors: Result for what this process lacks (descriptors); what the child did, a failed exec
// included, is the SupervisedEnd. Source: isolation.md 5.1-5.2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/order.h"
#include "launch/child_setup.h"
#include "launch/descendants.h"
#include "launch/wait_status.h"
#include "portlab/error.h"

namespace portlab {

struct SupervisedSpec {
  std::string file;                      // a path: PATH is not searched
  std::vector<std::string> args;         // without argv[0]
  std::vector<std::string> environment;  // "K=V", in addition to this process's
  std::string directory;                 // empty: this process's
  std::vector<FdBinding> inherit_fds;    // beside 0, 1, 2
  Nanos time_limit = 10'000 * kMillisecond;
  // What the child writes to 1 and 2, as it comes, on the calling thread.
  std::function<void(std::string_view)> on_output = {};
  std::size_t stderr_limit = 64 * 1024;    // the last bytes are kept
  std::size_t stdout_limit = 1024 * 1024;  // the first bytes are kept
  // 0: as this process. Not with ASan or TSan: they reserve terabytes.
  std::uint64_t max_address_space = 0;  // RLIMIT_AS
  std::uint64_t max_data = 0;           // RLIMIT_DATA
};

struct SupervisedEnd {
  enum Cause {
    kExited,
    kSignaled,     // not by us, unless `cancelled`
    kTimeLimit,    // killed by us; status is that of SIGKILL
    kStartFailed,  // error_number says why; nothing else is set
  };
  Cause cause = kStartFailed;
  WaitStatus status;
  int error_number = 0;
  bool cancelled = false;  // killed by us, because the caller wanted to
  Nanos wall = 0;
  long max_rss_kib = 0;  // of the child and the descendants it waited for
  std::string stderr_tail;
  std::string stdout_text;
  int descendants_killed = 0;  // that outlived the child; 0 unless this process is a subreaper
};

// `cancelled` (may be empty) is asked about 20 times a second.
Result<SupervisedEnd> RunSupervised(const SupervisedSpec& spec,
                                    const std::function<bool()>& cancelled);

}  // namespace portlab
