// portlab fuzz: fuzzes a driver or program and tells what was found, each with the command that
// repeats it.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "faulty_drivers/trial/trial_runner.h"
#include "fuzz/campaign/campaign.h"
#include "fuzz/campaign/doctor.h"
#include "reports/portlab/commands.h"
#include "reports/portlab/program_options.h"
#include "reports/portlab/progress.h"
#include "reports/portlab/stop_signals.h"
#include "reports/portlab/text_table.h"
#include "reports/summary.h"

namespace portlab {
namespace {

namespace fs = std::filesystem;

// What --mode=pr runs when nothing else is said: the same in every run of a pull request.
constexpr std::uint64_t kPrExecs = 100'000;
constexpr std::uint64_t kPrSeed = 1;
constexpr int kProgramTimeout = 10;  // seconds; a packet is answered at once, or never

struct Options {
  CampaignOptions campaign;
  std::vector<std::string> words;  // the driver, or the arguments of the program
  ProgramOptions program;
  std::string host;
  std::string mode = "campaign";
  bool guarded = false;
};

int Complain(int status, const std::string& what) {
  std::fputs(("portlab: " + OneLine(what) + "\n").c_str(), stderr);
  return status;
}

std::string Absolute(const std::string& path) {
  std::error_code ignored;
  return fs::absolute(path, ignored).lexically_normal().string();
}

// What is fuzzed; else why it cannot be told.
std::string ChooseTarget(Options& options) {
  FuzzTarget& target = options.campaign.target;
  const ProgramOptions& program = options.program;
  if (program.program.empty()) {
    if (options.words.size() != 1) return "name one driver, or a program with --program";
    target.file = Absolute(options.words.front());
    if (::access(target.file.c_str(), R_OK) == 0) return {};
    return "there is no driver " + options.words.front() + " that can be read";
  }
  const auto kind = ProgramKindOf(program.program);
  if (!kind) return program.program + " is no library, and no program that can be started";
  target.kind = *kind;
  target.file = Absolute(program.program);
  target.framing = program.framing();
  target.args = program.args;
  target.args.insert(target.args.end(), options.words.begin(), options.words.end());
  if (*kind == TargetKind::kProgram || target.args.empty()) return {};
  return program.program + " is a library: its port_main takes no arguments";
}

// Nothing more is asked of the user than what to fuzz: the rest has an answer.
void FillIn(Options& options, const CLI::App& app) {
  CampaignOptions& campaign = options.campaign;
  FuzzTarget& target = campaign.target;
  target.guarded = options.guarded;
  target.host = options.host;
  if (target.host.empty()) {
    target.host =
        Installation::BesideThisExecutable().bin + "/" + std::string(HostNameOf(target.kind));
  }
  if (campaign.out.empty()) {
    // A program and its library have the same stem, and are different targets.
    const fs::path file(target.file);
    const bool driver = target.kind == TargetKind::kDriver;
    campaign.out = "./portlab-fuzz/" + (driver ? file.stem() : file.filename()).string();
  }
  if (target.kind == TargetKind::kProgram && app.get_option("--timeout")->count() == 0) {
    target.timeout_s = kProgramTimeout;
  }
  campaign.only_new = options.mode == "pr";
  const bool has_time = app.get_option("--time")->count() > 0;
  const bool has_execs = app.get_option("--execs")->count() > 0;
  if (options.mode == "pr") {
    if (app.get_option("--seed")->count() == 0) campaign.seed = kPrSeed;
    if (!has_execs) campaign.execs = kPrExecs;
    if (!has_time) campaign.seconds = 0;
    return;
  }
  if (has_execs && !has_time) campaign.seconds = 0;
  if (app.get_option("--seed")->count() == 0) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    campaign.seed = static_cast<std::uint64_t>(now.count()) % 1'000'000'007;
  }
}

void TellAboutProgram(const Diagnosis& diagnosis, Progress& progress) {
  progress.Say(
      "no feedback from the program's code: what its answers look like decides what is kept, so it "
      "finds less than with the packet loop in a library (--help)");
  progress.Say(diagnosis.has_asan
                   ? "built with AddressSanitizer: findings are told apart by the code they are in"
                   : "built without AddressSanitizer: findings are told apart by signal or exit "
                     "status, and wrong reads and writes may go unseen");
}

// The doctor's word; kFuzzClean: go on.
int AskDoctor(const Options& options, Progress& progress) {
  const FuzzTarget& target = options.campaign.target;
  const Diagnosis diagnosis = Examine(target.kind, target.file);
  if (diagnosis.fatal() || (!diagnosis.problems.empty() && !options.guarded)) {
    std::fputs(RefusalText(target.kind, target.file, diagnosis).c_str(), stderr);
    return kFuzzBadBuild;
  }
  if (target.kind == TargetKind::kProgram) TellAboutProgram(diagnosis, progress);
  for (const std::string& warning : diagnosis.warnings) progress.Say("note: " + warning);
  if (options.guarded) {
    progress.Say(
        "guarded: guard pages around the driver's memory instead of AddressSanitizer; the fuzzer "
        "does not see which code of the driver runs, so it finds less");
  }
  return kFuzzClean;
}

std::string InputInWords(const Finding& finding) {
  return fmt::format("{} ops, {} bytes", finding.minimised.operations, finding.minimised.bytes);
}

void PrintSummary(const CampaignResult& result, const std::string& out) {
  const CampaignFigures& figures = result.figures;
  std::string text;
  if (!result.findings.empty()) {
    TextTable table({"finding", "status", "where", "again", "input", "seen", "command"});
    for (const Finding& finding : result.findings) {
      table.Add({finding.id, std::string(StatusName(finding.status)), finding.Where(),
                 ReproductionInWords(finding), InputInWords(finding),
                 std::to_string(finding.times_seen), ReproCommand(finding.id, out)});
    }
    text += table.ToString() + "\n";
  }
  text += fmt::format(
      "{}: {} inputs in {:.0f} s ({} mutated, {} of the corpus), {} new in the corpus, seed {}\n",
      result.end, figures.executed, figures.seconds, figures.mutated(), figures.replayed,
      figures.new_units, figures.seed);
  if (!result.functions.empty()) {
    text += fmt::format("the corpus reaches {} of the {}'s {} edges\n", result.driver_edges(),
                        NounOf(result.target.kind), figures.driver_counters);
  }
  if (const std::string stability = StabilityInWords(result.stability); !stability.empty()) {
    text += OneLine(stability) + "\n";
  }
  text += result.findings.empty() ? "nothing was found\n" : "";
  text += out + "/findings.json\n";
  std::fputs(text.c_str(), stdout);
}

int Fuzz(Options options, const CLI::App& app) {
  Progress progress;
  if (const std::string why = ChooseTarget(options); !why.empty()) return Complain(kFuzzUsage, why);
  FillIn(options, app);
  if (const int status = AskDoctor(options, progress); status != kFuzzClean) return status;
  const CampaignOptions& campaign = options.campaign;
  if (::access(campaign.target.host.c_str(), X_OK) != 0) {
    return Complain(kFuzzTrouble, campaign.target.host + " is missing; build it with: ./lab build");
  }
  for (const std::string& folder : campaign.seed_folders) {
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored)) return Complain(kFuzzUsage, folder + " is no folder");
  }
  CatchStopSignals();
  progress.Say(fmt::format("fuzzing {} with seed {}, results in {}", campaign.target.file,
                           campaign.seed, campaign.out));
  const auto say = [&progress](const std::string& line) { progress.Say(OneLine(line)); };
  const auto doing = [&progress](const std::string& line) { progress.Done(OneLine(line)); };
  auto result = RunCampaign(campaign, {say, doing, [] { return StopSignal() != 0; }});
  if (!result) {
    const std::string& detail = result.error().detail;
    return Complain(kFuzzTrouble, detail.empty() ? result.error().ToString() : detail);
  }
  PrintSummary(*result, campaign.out);
  const FuzzExit status = ExitStatusOf(*result);
  if (status == kFuzzNoWork) Complain(status, "this says nothing: " + NoWorkReason(*result));
  return status;
}

void AddBudget(CLI::App& app, Options& options) {
  CampaignOptions& campaign = options.campaign;
  app.add_option("--time", campaign.seconds, "seconds to fuzz (default 60)")
      ->check(CLI::Range(1, 30 * 24 * 3600));
  app.add_option("--execs", campaign.execs, "inputs to run, instead of a time")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 50));
  app.add_option("--max-findings", campaign.max_findings, "end when so many were found")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--seed", campaign.seed, "the campaign's seed; it is printed first");
  app.add_option("--jobs", campaign.jobs, "processes at once")->check(CLI::Range(1, 256));
  app.add_option("--minimise-runs", campaign.triage.minimise_runs,
                 "runs to make a finding smaller with; 0: none")
      ->check(CLI::Range(0, 100'000));
  app.add_option("--mode", options.mode,
                 "pr: a fixed seed and number of inputs, and only what is new fails")
      ->check(CLI::IsMember({"campaign", "pr"}));
}

void AddInputs(CLI::App& app, Options& options) {
  CampaignOptions& campaign = options.campaign;
  app.add_option("--out", campaign.out, "folder for corpus and findings; kept and gone on with");
  app.add_option("--corpus", campaign.seed_folders, "folder of inputs to begin with; only read");
  app.add_option("--dict", campaign.dictionary, "libFuzzer dictionary")->check(CLI::ExistingFile);
  app.add_option("--max-len", campaign.target.max_len, "bytes of an input (default 4096)")
      ->check(CLI::Range(1, 1 << 20));
  app.add_option("--start-args", campaign.target.start_args,
                 "what follows the driver's name when a port is opened");
  app.add_option("--calls", campaign.target.calls, "which operations to try; all by default");
  app.add_option("--timeout", campaign.target.timeout_s,
                 "seconds one input may take (default 20; a program's 10)")
      ->check(CLI::Range(1, 3600));
  app.add_option("--memory-mb", campaign.target.memory_mb,
                 "memory of the host or program (default 2048)")
      ->check(CLI::Range(64, 1 << 20));
  app.add_option("--host", options.host, "another fuzzing host")->check(CLI::ExistingFile);
  app.add_flag("--guarded", options.guarded,
               "take a driver that is not instrumented; finds less, and says so");
}

void AddProgram(CLI::App& app, Options& options) {
  CLI::Option* program = AddProgramOptions(app, options.program);
  app.add_option("--ok-exit", options.campaign.target.ok_exits,
                 "an exit status of the program that is no finding, beside 0; repeatable")
      ->take_all()
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->check(CLI::Range(1, 255))
      ->needs(program);
  for (const char* name : {"--start-args", "--calls", "--guarded"}) {
    app.get_option(name)->excludes(program);
  }
}

}  // namespace

Command AddFuzzCommand(CLI::App& tool) {
  CLI::App* app =
      tool.add_subcommand("fuzz", "fuzz a driver or program; every finding with a reproducer");
  const auto options = std::make_shared<Options>();
  app->add_option("driver", options->words,
                  "the driver, a .so; with --program, after --, the program's arguments");
  AddBudget(*app, *options);
  AddInputs(*app, *options);
  AddProgram(*app, *options);
  app->footer(
      "--program takes a library that exposes the packet loop, int port_main(int in, int out), or "
      "a "
      "program.\n"
      "Exit status: 0 nothing found, 1 findings, 2 usage, 3 it is not built for fuzzing, 4 "
      "no useful work was done, 5 trouble of the tool's own, 130 interrupted.");
  return {app, [app, options] { return Fuzz(*options, *app); }};
}

}  // namespace portlab
