// portlab report: runs the trials, measures the cost of opening, and writes the report.
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "launch/real_time.h"
#include "reports/json_writer.h"
#include "reports/machine_facts.h"
#include "reports/portlab/commands.h"
#include "reports/portlab/cost_run.h"
#include "reports/portlab/exit_status.h"
#include "reports/portlab/progress.h"
#include "reports/portlab/stop_signals.h"
#include "reports/portlab/text_table.h"
#include "reports/portlab/trial_log.h"
#include "reports/portlab/trial_plan.h"
#include "reports/report_files.h"
#include "reports/summary.h"

namespace portlab {
namespace {

struct Options {
  std::string out = "./portlab-report";
  std::string fault;
  std::string mode;
  std::string flavour;
  std::string from;
  int patience_ms = 1500;
  bool cost = true;
  bool resume = false;
};

int Complain(int status, const std::string& what) {
  std::fputs(("portlab: " + OneLine(what) + "\n").c_str(), stderr);
  return status;
}

Selection SelectionOf(const Options& options) {
  Selection selection;
  selection.fault = options.fault;
  selection.patience_ms = options.patience_ms;
  for (const auto mode : {IsolationMode::kInVm, IsolationMode::kProgram}) {
    if (options.mode == ModeName(mode)) selection.mode = mode;
  }
  for (const auto flavour : kFlavours) {
    if (options.flavour == FlavourName(flavour)) selection.flavour = flavour;
  }
  return selection;
}

std::string CommandOf(const Options& options) {
  std::string command = "./lab report";
  const auto add = [&](const char* option, const std::string& value) {
    if (!value.empty()) command += fmt::format(" {} {}", option, value);
  };
  add("--fault", options.fault);
  add("--mode", options.mode);
  add("--flavour", options.flavour);
  if (options.patience_ms != Options{}.patience_ms) {
    add("--patience-ms", std::to_string(options.patience_ms));
  }
  if (!options.cost) command += " --no-cost";
  return command;
}

// What must be equal for a trial of an earlier run to stand for one of this run.
nlohmann::json LogHeader(const Installation& installation, const Options& options) {
  nlohmann::json builds = nlohmann::json::object();
  for (const char* name : {"portlab-host-plain", "portlab-host-asan", "portlab-spawn-server"}) {
    struct stat facts = {};
    if (::stat((installation.bin + "/" + name).c_str(), &facts) != 0) continue;
    builds[name] = {facts.st_size, facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec};
  }
  return {{"what", "portlab trials"},
          {"format", kReportFormat},
          {"patience_ms", options.patience_ms},
          {"builds", builds}};
}

std::string Described(const TrialRecord& trial) {
  std::string text = fmt::format("{} {} {}{}", trial.entry, ModeName(trial.mode),
                                 FlavourName(trial.flavour), trial.trigger ? "" : ", trigger off");
  if (!trial.outcome) return text + ": not run: " + trial.error;
  return fmt::format("{}: {}{}", text, trial.outcome->key, trial.met ? "" : ", NOT as expected");
}

// The part of a report that takes time; false: a signal ended it, or the log could not be written.
class ReportRun {
 public:
  ReportRun(const Installation& installation, const Options& options, const TrialPlan& plan,
            TrialLog& log)
      : installation_(installation), options_(options), plan_(plan), log_(log) {}

  // Nothing, or an Error when the log could not be written. Stops early after a signal.
  Result<Report> Run();

 private:
  Result<void> RunTrials(Report& report);
  void MeasureCost(Report& report);

  const Installation& installation_;
  const Options& options_;
  const TrialPlan& plan_;
  TrialLog& log_;
  Progress progress_;
};

Result<Report> ReportRun::Run() {
  const Nanos begin = RealNow();
  Report report;
  report.made_at = UtcNow();
  report.machine = ThisMachine();
  report.settings = {CommandOf(options_), options_.patience_ms, options_.cost};
  report.flavours = plan_.flavours;
  for (const FlavourFacts& facts : plan_.flavours) {
    if (!facts.built) {
      progress_.Say(fmt::format("the {} host is not built and is left out: {}",
                                FlavourName(facts.flavour), facts.note));
    }
  }
  for (const CatalogueEntry* entry : plan_.entries) report.faults.push_back(FactsOf(*entry));
  if (auto run = RunTrials(report); !run) return Fail(run.error());
  MeasureCost(report);
  report.duration_ms = static_cast<double>((RealNow() - begin) / kMillisecond);
  return report;
}

Result<void> ReportRun::RunTrials(Report& report) {
  for (const TrialRequest& request : plan_.requests) {
    TrialRecord like = RecordOf(request, Fail(Error::General("not run")));
    if (const TrialRecord* earlier = log_.Find(like); earlier != nullptr) {
      report.trials.push_back(*earlier);
      continue;
    }
    const std::string place =
        fmt::format("{}/{} ", report.trials.size() + 1, plan_.requests.size());
    progress_.Doing(fmt::format("{}{} {} {}{} ...", place, like.entry, ModeName(like.mode),
                                FlavourName(like.flavour), like.trigger ? "" : ", trigger off"));
    const auto outcome = RunTrial(installation_, request, [] { return StopSignal() != 0; });
    if (StopSignal() != 0) return {};
    report.trials.push_back(RecordOf(request, outcome));
    const TrialRecord& trial = report.trials.back();
    const std::string line = OneLine(place + Described(trial));
    trial.met ? progress_.Done(line) : progress_.Say(line);
    if (auto kept = log_.Append(trial); !kept) return kept;
  }
  return {};
}

void ReportRun::MeasureCost(Report& report) {
  if (StopSignal() != 0) return;
  if (!options_.cost) {
    report.cost_note = "Not measured: it was left out on the command line.";
    return;
  }
  progress_.Doing("measuring what opening a port costs ...");
  auto cost = MeasureOpeningCost(installation_, [] { return StopSignal() != 0; });
  if (cost) {
    progress_.Done(fmt::format("measured what opening a port costs, seed {}", cost->seed));
    report.cost = std::move(*cost);
  } else if (StopSignal() == 0) {
    report.cost_note = cost.error().detail;
    progress_.Say(report.cost_note);
  }
}

void PrintSummary(const Report& report, const std::vector<std::string>& files) {
  TextTable table({"fault", "mode", "host", "verdict", "key", "as expected"});
  for (const TrialRecord& trial : report.trials) {
    if (!trial.trigger && trial.met) continue;
    table.Add({trial.trigger ? trial.entry : trial.entry + " (trigger off)",
               std::string(ModeName(trial.mode)), std::string(FlavourName(trial.flavour)),
               VerdictText(&trial), trial.outcome ? trial.outcome->key : trial.error,
               trial.met ? "yes" : "NO"});
  }
  for (const FlavourFacts& facts : report.flavours) {
    if (!facts.built)
      table.Add({"(all)", "", std::string(FlavourName(facts.flavour)), "not built"});
  }
  std::string text = fmt::format("{}\n{}\n{}\n", table.ToString(), OneLine(Headline(report)),
                                 ExpectationLine(report));
  for (const std::string& file : files) text += OneLine(file) + "\n";
  std::fputs(text.c_str(), stdout);
}

int Finish(const Report& report, const std::vector<std::string>& files) {
  PrintSummary(report, files);
  return CountUnmet(report) == 0 ? kExitOk : kExitUnmet;
}

// SIGINT leaves nothing behind; any other signal keeps what is finished.
int Interrupted(TrialLog& log) {
  const int signo = StopSignal();
  if (signo == SIGINT) {
    log.RemoveIfOurs();
    return Complain(kExitInterrupted, "interrupted");
  }
  return Complain(128 + signo, "stopped; finished trials are kept, and --resume goes on from them");
}

int MakeReport(const Options& options) {
  const Installation installation = Installation::BesideThisExecutable();
  const auto plan = PlanTrials(installation, SelectionOf(options));
  if (!plan) return Complain(kExitUsage, plan.error().detail);
  if (!plan->missing.empty()) {
    for (const std::string& file : plan->missing) Complain(kExitMissing, file + " is missing");
    return Complain(kExitMissing, "build it with: ./lab build");
  }
  CatchStopSignals();
  const auto folder = OutputFolder::Open(options.out);
  if (!folder) return Complain(kExitUsage, folder.error().detail);
  auto log = TrialLog::Open(*folder, LogHeader(installation, options), options.resume);
  if (!log) return Complain(kExitUsage, log.error().detail);
  if (log->began_anew()) {
    Complain(kExitOk, "the finished trials are of other settings or another build: all are run");
  } else if (log->taken_over() > 0) {
    Complain(kExitOk, fmt::format("going on after {} finished trials", log->taken_over()));
  }
  const auto report = ReportRun(installation, options, *plan, *log).Run();
  if (StopSignal() != 0) return Interrupted(*log);
  const auto files = report ? WriteReportFiles(*folder, ReportToJson(*report))
                            : Result<std::vector<std::string>>(Fail(report.error()));
  if (!files) {
    return Complain(
        kExitUnmet,
        files.error().detail + "; the finished trials are kept, and --resume goes on from them");
  }
  log->Remove();
  return Finish(*report, *files);
}

int RenderAgain(const Options& options) {
  const auto text = ReadWholeFile(options.from);
  if (!text) return Complain(kExitUsage, text.error().detail);
  const auto report = ReadReport(*text);
  if (!report) return Complain(kExitUsage, options.from + ": " + report.error().detail);
  const auto folder = OutputFolder::Open(options.out);
  if (!folder) return Complain(kExitUsage, folder.error().detail);
  CatchStopSignals();
  const auto files = WriteReportFiles(*folder, ReportToJson(*report));
  if (!files) return Complain(kExitUnmet, files.error().detail);
  return Finish(*report, *files);
}

}  // namespace

Command AddReportCommand(CLI::App& tool) {
  CLI::App* app = tool.add_subcommand("report", "run the trials and write the report");
  const auto options = std::make_shared<Options>();
  app->add_option("--out", options->out, "folder for report.html, report.json and report.md")
      ->capture_default_str();
  auto* fault = app->add_option("--fault", options->fault, "only this fault (portlab list)");
  auto* mode = app->add_option("--mode", options->mode, "only this mode: in_vm or program")
                   ->check(CLI::IsMember({"in_vm", "program"}));
  auto* flavour =
      app->add_option("--flavour", options->flavour, "only this host: plain, guarded or asan")
          ->check(CLI::IsMember({"plain", "guarded", "asan"}));
  auto* patience = app->add_option("--patience-ms", options->patience_ms,
                                   "how long a host is watched after the fault")
                       ->capture_default_str()
                       ->check(CLI::Range(100, 60'000));
  auto* cost =
      app->add_flag("--cost,!--no-cost", options->cost,
                    "measure what opening a port costs (by default with whole reports only)");
  auto* resume = app->add_flag("--resume", options->resume, "go on where a killed run ended");
  auto* from = app->add_option("--from", options->from, "make the files again from a report.json");
  for (auto* other : {fault, mode, flavour, patience, cost, resume}) from->excludes(other);
  return {app, [options, cost] {
            const bool whole = options->fault.empty() && options->mode.empty();
            if (cost->count() == 0) options->cost = whole;
            return options->from.empty() ? MakeReport(*options) : RenderAgain(*options);
          }};
}

}  // namespace portlab
