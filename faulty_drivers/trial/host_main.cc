// portlab-host-<flavour>: the process that may die. It hosts one driver or program for one trial,
// and is started by the trial runner, which outlives it. Exit status: 0 with a goodbye, 2 for bad
// input, else whatever became of it.
#include <cstdio>
#include <string>
#include <vector>

#include "faulty_drivers/trial/host_command.h"
#include "faulty_drivers/trial/trial_host.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const portlab::Result<portlab::HostCommand> command = portlab::ParseHostCommand(arguments);
  if (!command) {
    std::fprintf(stderr, "portlab-host: %s\n", command.error().detail.c_str());
    return portlab::kExitBadInput;
  }
  if (!command->help.empty()) return std::fputs(command->help.c_str(), stdout) < 0 ? 1 : 0;
  return portlab::RunTrialHost(*command);
}
