// portlab isolate: what the faults of a user's own driver or program cost the host.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "launch/real_time.h"
#include "reports/json_writer.h"
#include "reports/machine_facts.h"
#include "reports/portlab/commands.h"
#include "reports/portlab/exit_status.h"
#include "reports/portlab/isolate_inputs.h"
#include "reports/portlab/isolate_plan.h"
#include "reports/portlab/isolate_trials.h"
#include "reports/portlab/program_options.h"
#include "reports/portlab/provocations.h"
#include "reports/portlab/stop_signals.h"
#include "reports/portlab/text_table.h"
#include "reports/report_files.h"
#include "reports/summary.h"

namespace portlab {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string driver;
  ProgramOptions program;
  std::string out;
  std::string flavour = "plain";
  std::string findings;
  std::string start_args;
  std::vector<std::string> inputs;
  std::vector<std::string> only;
  int patience_ms = 1500;

  const std::string& file() const { return driver.empty() ? program.program : driver; }
};

int Complain(int status, const std::string& what) {
  std::fputs(("portlab: " + OneLine(what) + "\n").c_str(), stderr);
  return status;
}

const std::string& Words(const Error& error, std::string& room) {
  if (!error.detail.empty()) return error.detail;
  return room = error.ToString();
}

int Complain(int status, const Error& error) {
  std::string room;
  return Complain(status, Words(error, room));
}

Flavour FlavourOf(const Options& options) {
  for (const Flavour flavour : kFlavours) {
    if (options.flavour == FlavourName(flavour)) return flavour;
  }
  return Flavour::kPlain;
}

IsolateSubject SubjectOf(const Options& options) {
  std::error_code ignored;
  IsolateSubject subject;
  subject.path = fs::absolute(options.file(), ignored).lexically_normal().string();
  subject.mode = options.driver.empty() ? IsolationMode::kProgram : IsolationMode::kInVm;
  subject.start_args = options.start_args;
  if (subject.mode == IsolationMode::kInVm) return subject;
  subject.args = options.program.args;
  subject.framing = options.program.framing();
  return subject;
}

std::string CommandOf(const Options& options) {
  std::string command = "./lab isolate";
  const auto add = [&](const char* option, const std::string& value) {
    command += fmt::format(" {} {}", option, ShellWord(value));
  };
  if (options.driver.empty()) {
    add("--program", options.program.program);
    command += FramingInWords(options.program.framing());
  } else {
    command += " " + ShellWord(options.driver);
  }
  for (const std::string& arg : options.program.args) command += " " + ShellWord("--arg=" + arg);
  if (!options.start_args.empty()) command += " " + ShellWord("--start-args=" + options.start_args);
  if (options.flavour != Options{}.flavour) add("--flavour", options.flavour);
  if (!options.findings.empty()) add("--findings", options.findings);
  for (const std::string& input : options.inputs) add("--input", input);
  if (options.patience_ms != Options{}.patience_ms) {
    add("--patience-ms", std::to_string(options.patience_ms));
  }
  return command;
}

// Where `portlab fuzz` leaves what it found in this driver, this program or its library.
std::string CampaignOf(const Options& options) {
  const fs::path file(options.file());
  std::vector<std::string> names = {file.stem().string()};
  if (options.driver.empty()) {
    names = {file.filename().string(), file.filename().string() + ".so",
             file.stem().string() + ".so"};
  }
  for (const std::string& name : names) {
    std::error_code ignored;
    const std::string campaign = "./portlab-fuzz/" + name;
    if (fs::is_directory(campaign + "/findings", ignored)) return campaign;
  }
  return {};
}

void FillIn(Options& options) {
  if (options.findings.empty()) options.findings = CampaignOf(options);
  if (options.out.empty()) {
    options.out = "./portlab-isolate/" + fs::path(options.file()).stem().string();
  }
  if (!options.driver.empty() || options.findings.empty()) return;
  // Started as the campaign started it, unless the command line knows better.
  const auto fuzzed = ProgramOfFindings(options.findings);
  if (!fuzzed) return;
  if (!options.program.framing_given()) options.program.set_framing(fuzzed->framing);
  if (options.program.args.empty()) options.program.args = fuzzed->args;
}

Result<std::vector<IsolateRow>> RowsFor(const Options& options) {
  std::vector<IsolateInput> inputs;
  for (const std::string& file : options.inputs) {
    auto input = ReadInput(file);
    if (!input) return Fail(input.error());
    inputs.push_back(*std::move(input));
  }
  if (!options.findings.empty()) {
    auto found = ReadFindings(options.findings);
    if (!found) return Fail(found.error());
    for (IsolateInput& input : *found) inputs.push_back(std::move(input));
  }
  auto rows = PlanRows(SubjectOf(options), inputs);
  if (!rows) return rows;
  return ChooseRows(*std::move(rows), options.only);
}

Report BeginReport(const Options& options, const std::vector<IsolateRow>& rows) {
  const IsolateSubject subject = SubjectOf(options);
  const bool program = subject.mode == IsolationMode::kProgram;
  Report report;
  report.made_at = UtcNow();
  report.machine = ThisMachine();
  report.subject = fs::path(options.file()).filename().string();
  report.rerun = CommandOf(options);
  report.settings = {report.rerun, options.patience_ms, false};
  for (const std::string& name : options.only) {
    report.settings.command += " --only " + ShellWord(name);
  }
  report.flavours = {{FlavourOf(options), true, ""}};
  report.cost_note = "Not measured: `portlab report` tells what opening a port costs.";
  for (const IsolateRow& row : rows) {
    report.faults.push_back({row.name, row.id, 0, row.title, program ? "" : options.driver,
                             program ? options.program.program : ""});
  }
  return report;
}

void PrintSummary(const Report& report, const std::vector<std::string>& files) {
  TextTable table({"trial", "verdict", "key", "slowest answer beside it", "what was seen"});
  for (const TrialRecord& trial : report.trials) {
    if (!trial.outcome) {
      table.Add({trial.entry, VerdictText(&trial), "", "", trial.error});
      continue;
    }
    const auto& bystanders = trial.outcome->bystanders;
    const auto worst = std::ranges::max_element(bystanders, {}, &Bystander::worst_ms);
    table.Add({trial.entry, VerdictText(&trial), trial.outcome->key,
               worst == bystanders.end() ? "-" : MicrosecondsInWords(worst->worst_ms * 1000),
               trial.outcome->what});
  }
  std::string text = fmt::format("{}\n{}\n", table.ToString(), OneLine(Headline(report)));
  for (const TrialRecord& trial : report.trials) {
    const bool clean = !trial.outcome || trial.outcome->verdict == Verdict::kClean;
    if (trial.entry != kControlRow || clean) continue;
    text += "the control is not clean: that is the first thing to look at\n";
  }
  for (const std::string& file : files) text += OneLine(file) + "\n";
  std::fputs(text.c_str(), stdout);
}

int StatusOf(const Report& report) {
  bool harmed = false;
  for (const TrialRecord& trial : report.trials) {
    if (!trial.outcome) return kExitTrouble;
    harmed = harmed || trial.outcome->verdict == Verdict::kDegraded ||
             trial.outcome->verdict == Verdict::kHostDown;
  }
  return harmed ? kExitUnmet : kExitOk;
}

int CannotBeTried(const Options& options, const std::string& why) {
  return Complain(kExitMissing, options.file() + " cannot be tried: " + why);
}

int RunAndReport(const Options& options, const std::vector<IsolateRow>& rows,
                 const OutputFolder& folder) {
  const Nanos begin = RealNow();
  Report report = BeginReport(options, rows);
  IsolateTrials trials(Installation::BesideThisExecutable(), SubjectOf(options), FlavourOf(options),
                       options.patience_ms);
  // In the control nothing is wrong but the driver itself.
  if (const auto run = trials.Run(rows, report.trials); !run) {
    return CannotBeTried(options, run.error().detail);
  }
  const int signo = StopSignal();
  if (report.trials.empty()) return Complain(128 + signo, "interrupted");
  report.duration_ms = static_cast<double>((RealNow() - begin) / kMillisecond);
  const auto files = WriteReportFiles(folder, ReportToJson(report));
  if (!files) return Complain(kExitTrouble, files.error());
  PrintSummary(report, *files);
  if (signo == 0) return StatusOf(report);
  return Complain(128 + signo, fmt::format("interrupted; the report has {} of {} trials",
                                           report.trials.size(), rows.size()));
}

int Isolate(Options options) {
  if (options.driver.empty() == options.program.program.empty()) {
    return Complain(kExitUsage, "name a driver, or a program with --program; one of them");
  }
  FillIn(options);
  const std::string why = options.driver.empty()
                              ? WhyNotRunnable(options.program.program)
                              : WhyNotLoadable(options.driver, FlavourOf(options));
  if (!why.empty()) return CannotBeTried(options, why);
  if (options.driver.empty() && FlavourOf(options) == Flavour::kGuarded) {
    return Complain(kExitUsage, "a guarded host has nothing to guard of a program");
  }
  const auto rows = RowsFor(options);
  if (!rows) return Complain(kExitUsage, rows.error());
  const auto missing = MissingFor(Installation::BesideThisExecutable(), FlavourOf(options));
  if (!missing.empty()) return Complain(kExitTrouble, missing);
  CatchStopSignals();
  const auto folder = OutputFolder::Open(options.out);
  if (!folder) return Complain(kExitUsage, folder.error());
  return RunAndReport(options, *rows, *folder);
}

void AddWhat(CLI::App& app, Options& options) {
  app.add_option("driver", options.driver, "the driver, a .so");
  auto* program = AddProgramOptions(app, options.program);
  app.add_option("--start-args", options.start_args,
                 "what follows the driver's name when a port is opened")
      ->excludes(program);
}

}  // namespace

Command AddIsolateCommand(CLI::App& tool) {
  CLI::App* app =
      tool.add_subcommand("isolate", "what the faults of your own driver or program cost the host");
  const auto options = std::make_shared<Options>();
  AddWhat(*app, *options);
  app->add_option("--input", options->inputs,
                  "an input that makes it crash (.txt: operations); repeatable")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app->add_option("--findings", options->findings,
                  "the folder of a campaign (default: ./portlab-fuzz/NAME, when it is there)");
  app->add_option("--only", options->only, "only the trial of this name; repeatable")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app->add_option("--flavour", options->flavour, "the host: plain, guarded or asan")
      ->capture_default_str()
      ->check(CLI::IsMember({"plain", "guarded", "asan"}));
  app->add_option("--patience-ms", options->patience_ms,
                  "how long a host is watched, and an answer waited for")
      ->capture_default_str()
      ->check(CLI::Range(100, 60'000));
  app->add_option("--out", options->out,
                  "folder for report.html, report.json and report.md (default: "
                  "./portlab-isolate/NAME)");
  app->footer(
      "Exit status: 0 the host stood every trial, 1 it was brought down or degraded, 2 usage, 3 "
      "the driver or program cannot be tried, 5 trouble of the tool's own, 130 interrupted.");
  return {app, [options] { return Isolate(*options); }};
}

}  // namespace portlab
