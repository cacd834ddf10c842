// portlab: the command line tool. Each subcommand is a file of this folder.
// Exit status: exit_status.h.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "reports/portlab/commands.h"
#include "reports/portlab/exit_status.h"
#include "reports/summary.h"

namespace {

// What a command printed may have got stuck on its way: a full disk behind stdout, for one.
int AfterOutput(int status) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
  std::fputs("portlab: cannot write to stdout\n", stderr);
  return status == portlab::kExitOk ? static_cast<int>(portlab::kExitUnmet) : status;
}

// CLI11 says of an unknown word only that a command is missing.
std::string WhatIsWrong(const CLI::App& app, int argc, char** argv,
                        const CLI::ParseError& problem) {
  const std::string word = argc > 1 ? argv[1] : "";
  if (word.empty() || word.starts_with('-')) return portlab::OneLine(problem.what());
  std::string names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    if (command->get_name() == word) return portlab::OneLine(problem.what());
    names.append(names.empty() ? "" : ", ").append(command->get_name());
  }
  return portlab::OneLine("unknown command '" + word + "'; there are: " + names);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("portlab: what the faults of a driver or port program cost their host", "portlab");
  app.set_version_flag("--version", std::string("portlab " PORTLAB_VERSION));
  app.require_subcommand(1);
  const portlab::Command commands[] = {
      portlab::AddReportCommand(app), portlab::AddListCommand(app),
      portlab::AddStressCommand(app), portlab::AddFuzzCommand(app),
      portlab::AddReproCommand(app),  portlab::AddIsolateCommand(app),
      portlab::AddBridgeCommand(app)};
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    app.exit(help);
    return AfterOutput(portlab::kExitOk);
  } catch (const CLI::ParseError& problem) {
    std::fputs(("portlab: " + WhatIsWrong(app, argc, argv, problem) +
                "\nportlab: --help tells what there is\n")
                   .c_str(),
               stderr);
    return portlab::kExitUsage;
  }
  for (const portlab::Command& command : commands) {
    if (command.app->parsed()) return AfterOutput(command.run());
  }
  return portlab::kExitUsage;
}
