#include "faulty_drivers/trial/host_command.h"

#include <CLI/CLI.hpp>

#include "faulty_drivers/trial/parse_arguments.h"

namespace portlab {
namespace {

std::string_view KindName(Trigger kind) {
  switch (kind) {
    case Trigger::kControl:
      return "control";
    case Trigger::kCommands:
      return "commands";
    case Trigger::kBurst:
      return "burst";
  }
  return "";
}

Result<HostCommand> Checked(HostCommand command) {
  const bool program = command.mode == IsolationMode::kProgram;
  if (program ? command.program.empty() : command.driver.empty()) {
    return Fail(Error::BadOpt(program ? "--mode program needs --program FILE"
                                      : "--mode in_vm needs --driver FILE"));
  }
  if (program ? !command.driver.empty() : !command.program.empty()) {
    return Fail(Error::BadOpt(program ? "--driver goes with --mode in_vm"
                                      : "--program goes with --mode program"));
  }
  if (command.trigger_kind != Trigger::kControl && command.commands == 0) {
    return Fail(Error::BadOpt("--trigger-kind " + std::string(KindName(command.trigger_kind)) +
                              " needs --commands N, at least 1"));
  }
  return command;
}

}  // namespace

std::vector<std::string> ToArguments(const HostCommand& command) {
  std::vector<std::string> arguments = {"trial",
                                        "--mode",
                                        std::string(ModeName(command.mode)),
                                        "--echo-driver",
                                        command.echo_driver,
                                        "--trigger",
                                        command.trigger ? "on" : "off",
                                        "--trigger-kind",
                                        std::string(KindName(command.trigger_kind)),
                                        "--commands",
                                        std::to_string(command.commands),
                                        "--patience-ms",
                                        std::to_string(command.patience_ms),
                                        "--black-box-fd",
                                        std::to_string(command.black_box_fd),
                                        "--result-fd",
                                        std::to_string(command.result_fd)};
  if (command.guard) arguments.push_back("--guard");
  if (command.script_fd >= 0) {
    arguments.insert(arguments.end(), {"--script-fd", std::to_string(command.script_fd)});
  }
  if (!command.driver.empty()) arguments.insert(arguments.end(), {"--driver", command.driver});
  if (!command.program.empty()) arguments.insert(arguments.end(), {"--program", command.program});
  return arguments;
}

Result<HostCommand> ParseHostCommand(const std::vector<std::string>& arguments) {
  HostCommand command;
  CLI::App app("Hosts one driver or program for one trial; started by portlab", "portlab-host");
  app.require_subcommand(1);
  CLI::App* trial = app.add_subcommand("trial", "Run one fault in one isolation mode");
  std::string mode;
  std::string trigger = "on";
  std::string kind = "control";
  trial->add_option("--driver", command.driver, "The driver, a .so");
  trial->add_option("--program", command.program, "The program");
  trial->add_option("--echo-driver", command.echo_driver, "The .so of echo_drv")->required();
  trial->add_option("--mode", mode, "Where the fault runs")
      ->required()
      ->check(CLI::IsMember({"in_vm", "program"}));
  trial->add_flag("--guard", command.guard, "Put guard pages around what drivers allocate");
  trial->add_option("--trigger", trigger, "Off: the same requests, but nothing is armed")
      ->check(CLI::IsMember({"on", "off"}));
  trial->add_option("--trigger-kind", kind)->check(CLI::IsMember({"control", "commands", "burst"}));
  trial->add_option("--commands", command.commands)->check(CLI::Range(0, 1'000'000));
  trial->add_option("--script-fd", command.script_fd, "What to do instead of the zoo's trigger")
      ->check(CLI::Range(-1, 1 << 20));
  trial->add_option("--patience-ms", command.patience_ms, "How long the host is watched")
      ->check(CLI::Range(1, 3'600'000));
  trial->add_option("--black-box-fd", command.black_box_fd)->check(CLI::Range(-1, 1 << 20));
  trial->add_option("--result-fd", command.result_fd)->check(CLI::Range(0, 1 << 20));
  const Result<std::string> help = ParseArguments(app, arguments);
  if (!help) return Fail(help.error());
  if (!help->empty()) {
    command.help = *help;
    return command;
  }
  command.mode = mode == "program" ? IsolationMode::kProgram : IsolationMode::kInVm;
  command.trigger = trigger == "on";
  for (const Trigger one : {Trigger::kCommands, Trigger::kBurst}) {
    if (kind == KindName(one)) command.trigger_kind = one;
  }
  return Checked(std::move(command));
}

}  // namespace portlab
