// A program as the spawn driver wants it started.
//
// Threads: a value. Source: erlang(3erl) open_port/2; otp_ports.md 3.2 and 6.2; what is beyond OTP
// is off by default.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "limits/program_limits.h"

namespace portlab {

struct ProgramSpec {
  std::string file;                      // a path: PATH is not searched
  std::vector<std::string> args;         // without argv[0]
  std::string arg0;                      // empty: file
  std::vector<std::string> environment;  // "K=V", complete
  std::string directory;                 // empty: the host's current one; relative: to that
  bool use_stdio = true;                 // the pipes are the program's 0 and 1, else 3 and 4
  bool stderr_to_stdout = false;         // else it has the host's stderr
  bool read = true;   // the host reads from the program; else its output goes where the host's goes
  bool write = true;  // the host writes to the program; else its input is at its end at once

  // ---- Beyond OTP ----
  ProgramLimits limits;
  bool separate_errors = false;          // its stderr is a pipe of its own
  std::optional<TerminalSize> terminal;  // its 0, 1 and 2 are a terminal
  // A keeper of its own holds it and all that descends from it: it can be ended for certain, at any
  // time.
  bool contained = false;
  std::uint32_t grace_ms = 500;  // between SIGTERM and SIGKILL, of a contained one
};

}  // namespace portlab
