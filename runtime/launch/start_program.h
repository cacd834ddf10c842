// Starts a program from this process and reaps it: what the spawn client and supervised children
// are made of. No Boost here: it is Clone3Exec with a ChildSetup.
//
// Every child started here is known as this process's own until ReapProgram, which is how
// descendants.h tells them from orphans this process adopted as subreaper. Threads: any. Ownership:
// the caller of StartProgram must call ReapProgram once. Errors: errno of the step that failed;
// nothing is left behind then.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "launch/child_setup.h"
#include "launch/wait_status.h"
#include "portlab/error.h"

namespace portlab {

struct StartSpec {
  std::string file;
  std::vector<std::string> args;         // without argv[0]
  std::string arg0;                      // empty: file
  std::vector<std::string> environment;  // "K=V", complete
  ChildSetup setup;
  std::uint64_t ignored_signals = 0;  // SignalBit() of each; all others are at their default
  const std::uint64_t* ignored_by_caller = nullptr;  // as in Clone3Request
};

struct StartedProgram {
  pid_t pid = -1;
  UniqueFd pidfd;  // readable (poll) once the program has ended
};

struct ReapedProgram {
  WaitStatus status;
  rusage usage = {};
};

Result<StartedProgram> StartProgram(StartSpec& spec);

// Waits for the end if need be.
ReapedProgram ReapProgram(const StartedProgram& program);

// The strings' characters, then nullptr. Valid as long as `strings` is unchanged.
std::vector<const char*> PointersTo(const std::vector<std::string>& strings);

// This process's environment as strings, with `additions` ("K=V") replacing variables of the same
// name.
std::vector<std::string> EnvironmentWith(const std::vector<std::string>& additions);

}  // namespace portlab
