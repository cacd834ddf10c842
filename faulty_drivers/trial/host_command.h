// The command line of `portlab-host-<flavour> trial`: what the trial runner writes and the host
// reads.
//
// Threads: values. Units: milliseconds where a name ends in _ms.
// Errors: badopt; its detail is one line that names the option and what it takes.
// Source: design, decisions 9 to 11.
#pragma once

#include <string>
#include <vector>

#include "faulty_drivers/catalogue/entry.h"
#include "portlab/error.h"

namespace portlab {

// Exit status of a host that was asked for something it cannot do; stderr says in one line what.
inline constexpr int kExitBadInput = 2;

struct HostCommand {
  std::string help;     // not empty: what --help asked for, and nothing else is set
  std::string driver;   // path of the .so; in_vm only
  std::string program;  // path of the executable; program only
  // Driver of the bystander's echo port.
  std::string echo_driver;
  IsolationMode mode = IsolationMode::kInVm;
  bool guard = false;  // guard pages around what drivers allocate
  bool trigger = true;
  Trigger trigger_kind = Trigger::kControl;
  int commands = 0;
  // A script (trial_script.h) is read from it, and played instead of the zoo's trigger; -1: none.
  int script_fd = -1;
  int patience_ms = 1500;
  int black_box_fd = -1;  // -1: none, when a person runs the host
  int result_fd = 1;
};

// With "trial" in front: the arguments after argv[0].
std::vector<std::string> ToArguments(const HostCommand& command);
Result<HostCommand> ParseHostCommand(const std::vector<std::string>& arguments);

}  // namespace portlab
