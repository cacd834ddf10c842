#include "faulty_drivers/trial/bridge_host_command.h"

#include <CLI/CLI.hpp>

#include "faulty_drivers/trial/parse_arguments.h"

namespace portlab {

std::vector<std::string> ToArguments(const BridgeHostCommand& command) {
  const auto number = [](auto value) { return std::to_string(value); };
  std::vector<std::string> arguments = {"bridge",
                                        "--mode",
                                        command.strict ? "strict" : "otp",
                                        "--port-limit",
                                        number(command.port_limit),
                                        "--schedulers",
                                        number(command.schedulers),
                                        "--node",
                                        command.node.name,
                                        "--node-creation",
                                        number(command.node.creation),
                                        "--ports-node",
                                        command.node.ports_name,
                                        "--ports-creation",
                                        number(command.node.ports_creation),
                                        "--in-fd",
                                        number(command.in_fd),
                                        "--out-fd",
                                        number(command.out_fd),
                                        "--black-box-fd",
                                        number(command.black_box_fd)};
  if (command.seed) arguments.insert(arguments.end(), {"--seed", number(*command.seed)});
  return arguments;
}

Result<BridgeHostCommand> ParseBridgeHostCommand(const std::vector<std::string>& arguments) {
  BridgeHostCommand command;
  CLI::App app("Hosts the drivers and ports of a real node; started by portlab bridge",
               "portlab-host");
  app.require_subcommand(1);
  CLI::App* bridge = app.add_subcommand("bridge", "Serve a node");
  std::string mode = "strict";
  bridge->add_option("--mode", mode)->check(CLI::IsMember({"strict", "otp"}));
  bridge->add_option("--port-limit", command.port_limit)->check(CLI::Range(1u, (1u << 27) - 1));
  bridge->add_option("--schedulers", command.schedulers)->check(CLI::Range(0u, 1024u));
  bridge->add_option("--seed", command.seed);
  bridge->add_option("--node", command.node.name)->required();
  bridge->add_option("--node-creation", command.node.creation)->required();
  bridge->add_option("--ports-node", command.node.ports_name)->required();
  bridge->add_option("--ports-creation", command.node.ports_creation)->required();
  bridge->add_option("--in-fd", command.in_fd)->check(CLI::Range(0, 1 << 20));
  bridge->add_option("--out-fd", command.out_fd)->check(CLI::Range(0, 1 << 20));
  bridge->add_option("--black-box-fd", command.black_box_fd)->check(CLI::Range(-1, 1 << 20));
  const Result<std::string> help = ParseArguments(app, arguments);
  if (!help) return Fail(help.error());
  if (!help->empty()) {
    command.help = *help;
    return command;
  }
  command.strict = mode == "strict";
  return command;
}

}  // namespace portlab
