// Runs a process whose stderr is read while it works, and ends it when the caller says so. What
// launch/supervised_child.h is for one answer at the end, this is for hours of progress.
//
// The child leads a session of its own, has /dev/null as stdin and stdout, no core file, and dies
// with the calling thread. When it has ended its whole process group is killed, and what left the
// group too, if this process is a subreaper. Threads: any, several at once. Ownership: nothing
// stays behind. Units: Nanos of real time. Errors: the start that failed; how the child ended is
// the End.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/order.h"
#include "launch/wait_status.h"
#include "portlab/error.h"

namespace portlab {

struct WatchedSpec {
  std::string file;
  std::vector<std::string> args;
  std::vector<std::string> environment;  // "K=V", in addition to this process's
  Nanos time_limit = 0;
  std::function<void(std::string_view)> on_stderr;
  std::function<bool()> cancelled;  // asked about 20 times a second
  // Nothing that this process adopted is of use once its own parent has ended.
  bool ends_strays = false;
};

struct WatchedEnd {
  WaitStatus status;
  bool time_limit = false;
  bool cancelled = false;
};

Result<WatchedEnd> RunWatched(const WatchedSpec& spec);

}  // namespace portlab
