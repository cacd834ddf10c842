// portlab repro: runs one finding, or any input, again, and shows what happens.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "faulty_drivers/trial/trial_runner.h"
#include "fuzz/campaign/campaign_result.h"
#include "fuzz/campaign/doctor.h"
#include "fuzz/campaign/findings_store.h"
#include "fuzz/campaign/triage.h"
#include "fuzz/operations/text.h"
#include "launch/descendants.h"
#include "reports/portlab/commands.h"
#include "reports/portlab/program_options.h"
#include "reports/portlab/stop_signals.h"
#include "reports/summary.h"

namespace portlab {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string what;  // an id, or a file
  std::string out;
  std::string driver;
  ProgramOptions program;
  std::vector<std::string> args;  // of the program
  std::string host;
  int times = 1;
};

// What is run, and what it is to lead to.
struct Plan {
  std::vector<std::string> inputs;  // the last is the one that matters; the others go before it
  FuzzTarget target;
  std::optional<Finding> finding;
};

int Complain(int status, const std::string& what) {
  std::fputs(("portlab: " + OneLine(what) + "\n").c_str(), stderr);
  return status;
}

// The folder of a finding: below --out, or below any campaign of this directory.
std::string FindFolder(const Options& options) {
  std::error_code error;
  std::vector<std::string> campaigns;
  if (!options.out.empty()) {
    campaigns.push_back(options.out);
  } else {
    for (const auto& entry : fs::directory_iterator("./portlab-fuzz", error)) {
      campaigns.push_back(entry.path().string());
    }
  }
  for (const std::string& campaign : campaigns) {
    const std::string folder = FindingsStore::FolderOf(campaign, options.what);
    if (fs::is_directory(folder, error)) return folder;
  }
  return {};
}

// What the command line says of the target, over what is stored with a finding.
Result<void> ChooseTarget(const Options& options, FuzzTarget& target) {
  std::error_code ignored;
  const ProgramOptions& program = options.program;
  const std::string& file = program.program.empty() ? options.driver : program.program;
  if (!file.empty()) target.file = fs::absolute(file, ignored).lexically_normal().string();
  if (!program.program.empty()) {
    const auto kind = ProgramKindOf(program.program);
    if (!kind) return Fail(Error::BadArg(program.program + " is no library, and no program"));
    if (target.kind != *kind) target.host.clear();
    target.kind = *kind;
    if (program.framing_given()) target.framing = program.framing();
    std::vector<std::string> args = program.args;
    args.insert(args.end(), options.args.begin(), options.args.end());
    if (!args.empty()) target.args = std::move(args);
  }
  if (!options.host.empty()) target.host = options.host;
  if (target.host.empty() || ::access(target.host.c_str(), X_OK) != 0) {
    target.host =
        Installation::BesideThisExecutable().bin + "/" + std::string(HostNameOf(target.kind));
  }
  if (!target.file.empty()) return {};
  return Fail(Error::BadArg(
      "an input alone does not say what it is for: name it with --driver or --program"));
}

// An input as it is, or operations as text; what comes from findings/ID knows its own target.
Result<Plan> PlanForFile(const Options& options) {
  Plan plan;
  const auto content = ReadFile(options.what);
  if (!content) return Fail(content.error());
  plan.inputs = {*content};
  const std::string folder = fs::path(options.what).parent_path().string();
  if (auto stored = ReadStoredFinding(folder.empty() ? "." : folder)) {
    plan.target = stored->target;
    plan.finding = std::move(stored->finding);
    // Its input, or the one that was found, behind what it needs.
    auto inputs = ReadInputsOf(folder.empty() ? "." : folder);
    if (!inputs) return Fail(inputs.error());
    inputs->back() = std::move(plan.inputs.back());
    plan.inputs = std::move(*inputs);
  }
  return plan;
}

Result<Plan> PlanFor(const Options& options) {
  std::error_code error;
  Result<Plan> plan = Plan();
  const std::string folder = FindFolder(options);
  if (!folder.empty()) {
    auto stored = ReadStoredFinding(folder);
    if (!stored) return Fail(stored.error());
    auto inputs = ReadInputsOf(folder);
    if (!inputs) return Fail(inputs.error());
    plan = Plan{std::move(*inputs), stored->target, std::move(stored->finding)};
  } else if (fs::is_regular_file(options.what, error)) {
    plan = PlanForFile(options);
    if (!plan) return plan;
  } else {
    return Fail(Error::BadArg(
        "there is no finding " + options.what + " in " +
        (options.out.empty() ? "./portlab-fuzz; name its folder with --out" : options.out)));
  }
  if (auto chosen = ChooseTarget(options, plan->target); !chosen) return Fail(chosen.error());
  if (folder.empty() && options.what.ends_with(".txt")) {
    auto input = EncodeText(plan->inputs.back(), plan->target.operations_max());
    if (!input) return Fail(Error::BadArg(options.what + ": " + input.error().detail));
    plan->inputs.back() = *std::move(input);
  }
  return plan;
}

bool IsAsWanted(const Plan& plan, const InputRun& run) {
  if (!run.crash || run.crashed + 1 != plan.inputs.size()) return false;
  return !plan.finding || run.bucket == plan.finding->bucket;
}

int Repeat(const Options& options, const Plan& plan) {
  int reproduced = 0;
  std::optional<InputRun> last;
  for (int i = 0; i < options.times; ++i) {
    auto run =
        RunSequence(plan.target, plan.inputs, Symbols::kNames, [] { return StopSignal() != 0; });
    if (!run) return Complain(kFuzzTrouble, run.error().detail);
    if (run->cancelled) return Complain(kFuzzInterrupted, "interrupted");
    const bool as_wanted = IsAsWanted(plan, *run);
    if (as_wanted) ++reproduced;
    if (as_wanted || !last || !last->crash) last = std::move(*run);
  }
  const int failing = last && last->crash ? last->crash->operation : -1;
  std::string text;
  for (std::size_t i = 0; i + 1 < plan.inputs.size(); ++i) {
    text += fmt::format("operations of input {} before it:\n{}\n", i + 1,
                        MarkedOperations(plan.target, plan.inputs[i], -1));
  }
  text += "operations:\n" + MarkedOperations(plan.target, plan.inputs.back(), failing) + "\n";
  if (last && last->crash) {
    text += Printable(last->crash->text) + "\n" + BucketInWords(last->bucket) + "\n";
    if (plan.finding && reproduced == 0) {
      text += "that is another finding than " + plan.finding->id + "\n";
    }
  }
  text += reproduced > 0
              ? fmt::format("reproduced {} of {} times\n", reproduced, options.times)
              : fmt::format("did not reproduce in {} runs: FIXED, or flaky\n", options.times);
  std::fputs(text.c_str(), stdout);
  return reproduced > 0 ? kFuzzFound : kFuzzClean;
}

int Repro(const Options& options) {
  const auto plan = PlanFor(options);
  if (!plan) return Complain(kFuzzUsage, plan.error().detail);
  CatchStopSignals();
  BecomeSubreaper();
  return Repeat(options, *plan);
}

}  // namespace

Command AddReproCommand(CLI::App& tool) {
  CLI::App* app = tool.add_subcommand("repro", "run a finding of `portlab fuzz` again");
  const auto options = std::make_shared<Options>();
  app->add_option("finding", options->what,
                  "its name, or a file: an input, or operations as text (.txt)")
      ->required();
  app->add_option("--out", options->out, "the campaign's folder (default: below ./portlab-fuzz)");
  app->add_option("--times", options->times, "how often it is run")->check(CLI::Range(1, 10'000));
  auto* driver = app->add_option("--driver", options->driver, "another build of the driver")
                     ->check(CLI::ExistingFile);
  driver->excludes(AddProgramOptions(*app, options->program));
  app->add_option("arguments", options->args, "after --: the program's arguments")
      ->needs("--program");
  app->add_option("--host", options->host, "another fuzzing host")->check(CLI::ExistingFile);
  app->footer(
      "Exit status: 1 it happens again, 0 it does not, 2 usage, 5 trouble of the tool's own.");
  return {app, [options] { return Repro(*options); }};
}

}  // namespace portlab
