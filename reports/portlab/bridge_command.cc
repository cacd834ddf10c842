// portlab bridge: the port program behind portlab.erl.
#include <CLI/CLI.hpp>
#include <memory>

#include "reports/portlab/bridge_run.h"
#include "reports/portlab/commands.h"

namespace portlab {

Command AddBridgeCommand(CLI::App& tool) {
  CLI::App* app = tool.add_subcommand(
      "bridge", "host the ports and drivers of a real Erlang node; portlab.erl starts it");
  app->footer(
      "Speaks {packet,4} and external terms on stdin and stdout, for as long as stdin is open. Not "
      "for\n"
      "the terminal: in the node, portlab:start([{flavour,asan}]) starts it, and README.md, \"From "
      "a real\n"
      "node\", tells how a driver's own tests run this way.");
  const auto run = std::make_shared<BridgeRun>();
  const auto mode = std::make_shared<std::string>("strict");
  app->add_option("--flavour", run->flavour, "the host: plain, asan or tsan")
      ->check(CLI::IsMember({"plain", "asan", "tsan"}))
      ->capture_default_str();
  app->add_option("--mode", *mode,
                  "misuse of the driver API stops the host with a report (strict), or does what it "
                  "does in OTP (otp)")
      ->check(CLI::IsMember({"strict", "otp"}))
      ->capture_default_str();
  app->add_option("--port-limit", run->host.port_limit, "ports at a time")
      ->check(CLI::Range(1u, (1u << 27) - 1))
      ->capture_default_str();
  app->add_option("--schedulers", run->host.schedulers, "scheduler threads; 0: one per processor")
      ->check(CLI::Range(0u, 1024u))
      ->capture_default_str();
  app->add_option("--seed", run->host.seed,
                  "one thread at a time, chosen by this seed; time is virtual");
  app->add_option("--node", run->host.node.name, "the node's name")->required();
  app->add_option("--node-creation", run->host.node.creation, "and its creation")->required();
  app->add_option("--ports-node", run->host.node.ports_name, "the node name in port terms")
      ->required();
  app->add_option("--ports-creation", run->host.node.ports_creation, "and its creation")
      ->required();
  return {app, [run, mode] {
            run->host.strict = *mode == "strict";
            return RunBridge(*run);
          }};
}

}  // namespace portlab
