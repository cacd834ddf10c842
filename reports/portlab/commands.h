// The subcommands of `portlab`: each adds itself to the command line and returns what runs it.
//
// Threads: the main thread. Ownership: options live in the returned function's captures.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace portlab {

struct Command {
  CLI::App* app = nullptr;   // parsed() when it was chosen
  std::function<int()> run;  // returns an ExitStatus
};

Command AddBridgeCommand(CLI::App& tool);
Command AddFuzzCommand(CLI::App& tool);
Command AddIsolateCommand(CLI::App& tool);
Command AddListCommand(CLI::App& tool);
Command AddReportCommand(CLI::App& tool);
Command AddReproCommand(CLI::App& tool);
Command AddStressCommand(CLI::App& tool);

}  // namespace portlab
