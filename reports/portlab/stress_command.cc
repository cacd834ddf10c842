// portlab stress: hands its arguments to the stress host, which replaces this process, so that exit
// status, signals and Ctrl-C are the stress's own.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "faulty_drivers/trial/trial_runner.h"
#include "reports/portlab/commands.h"
#include "reports/portlab/exit_status.h"

namespace portlab {
namespace {

int Stress(const std::string& flavour, const std::vector<std::string>& arguments) {
  const std::string host = Installation::BesideThisExecutable().bin + "/portlab-stress-" + flavour;
  std::vector<std::string> words = arguments;
  words.insert(words.begin(), "portlab stress");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execv(host.c_str(), argv.data());
  std::fprintf(stderr, "portlab: %s is not built; build it with: ./lab build %s\n", host.c_str(),
               flavour == "plain" ? "release" : (flavour == "asan" ? "asan-ubsan" : "tsan"));
  return kExitMissing;
}

}  // namespace

Command AddStressCommand(CLI::App& tool) {
  CLI::App* app = tool.add_subcommand(
      "stress", "open and close ports concurrently around the limit, check the invariants");
  app->prefix_command();  // what is not --flavour goes to the stress host
  const auto flavour = std::make_shared<std::string>("plain");
  app->add_option("--flavour", *flavour, "the host to stress")
      ->check(CLI::IsMember({"plain", "asan", "tsan"}));
  app->footer(
      "Further options (--seed, --rounds, --threads, --limit …) are the stress host's: portlab "
      "stress -- --help");
  return {app, [app, flavour] {
            std::vector<std::string> rest = app->remaining();
            if (!rest.empty() && rest.front() == "--") rest.erase(rest.begin());
            return Stress(*flavour, rest);
          }};
}

}  // namespace portlab
