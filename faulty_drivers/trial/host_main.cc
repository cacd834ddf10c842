// portlab-host-<flavour>: the process that may die. It hosts one driver or program for one trial,
// or what a real node wants hosted (bridge), and is started by a portlab that outlives it. Exit
// status: 0 with a goodbye, 2 for bad input, else whatever became of it.
#include <cstdio>
#include <string>
#include <vector>

#include "faulty_drivers/trial/bridge_host.h"
#include "faulty_drivers/trial/host_command.h"
#include "faulty_drivers/trial/trial_host.h"

namespace {

template <class Command>
int Run(const portlab::Result<Command>& command, int (*run)(const Command&)) {
  if (!command) {
    std::fprintf(stderr, "portlab-host: %s\n", command.error().detail.c_str());
    return portlab::kExitBadInput;
  }
  if (!command->help.empty()) return std::fputs(command->help.c_str(), stdout) < 0 ? 1 : 0;
  return run(*command);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (!arguments.empty() && arguments.front() == "bridge") {
    return Run(portlab::ParseBridgeHostCommand(arguments), portlab::RunBridgeHost);
  }
  return Run(portlab::ParseHostCommand(arguments), portlab::RunTrialHost);
}
