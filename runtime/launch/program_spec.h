// A program as the spawn driver wants it started.
//
// Threads: a value. Source: erlang(3erl) open_port/2; otp_ports.md 3.2 and 6.2.
#pragma once

#include <string>
#include <vector>

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
};

}  // namespace portlab
