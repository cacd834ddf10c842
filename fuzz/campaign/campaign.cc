#include "fuzz/campaign/campaign.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <thread>

#include "fuzz/campaign/campaign_run.h"
#include "fuzz/campaign/coverage_run.h"
#include "fuzz/campaign/reports.h"
#include "fuzz/campaign/seed_corpus.h"
#include "fuzz/campaign/stability_run.h"
#include "launch/descendants.h"
#include "launch/real_time.h"

namespace portlab {
namespace {

constexpr Nanos kSecond = 1000 * kMillisecond;
constexpr Nanos kTellEvery = 5 * kSecond;
constexpr std::chrono::milliseconds kLookEvery(50);
constexpr int kRechecks = 3;

// Whether what an earlier campaign found is still there.
Result<void> RecheckFindings(const CampaignOptions& options, const FindingsStore& store,
                             const CampaignHooks& hooks, std::vector<Finding>& findings) {
  for (Finding& finding : findings) {
    finding.status = FindingStatus::kFixed;
    const auto inputs = ReadInputsOf(store.FolderOf(finding.id));
    if (!inputs) return Fail(inputs.error());
    for (int i = 0; i < kRechecks && finding.status == FindingStatus::kFixed; ++i) {
      const auto run = RunSequence(options.target, *inputs, Symbols::kNames, hooks.stopped);
      if (!run) return Fail(run.error());
      if (run->cancelled) return {};
      if (run->crash && run->bucket == finding.bucket) finding.status = FindingStatus::kKnown;
    }
    hooks.say(fmt::format("{} of an earlier campaign: {}", finding.id, StatusName(finding.status)));
    if (auto kept = store.Update(finding, options.target); !kept) return kept;
  }
  return {};
}

// The files that are in the corpus now and were not before.
std::vector<std::string> NewIn(const std::string& corpus, const std::vector<std::string>& before) {
  const auto now = FilesIn(corpus);
  std::vector<std::string> names;
  if (now) std::ranges::set_difference(*now, before, std::back_inserter(names));
  return names;
}

// What the corpus that came of it is worth.
void LookAtCorpus(const CampaignOptions& options, const FindingsStore& store,
                  const std::vector<std::string>& before, const CampaignHooks& hooks,
                  CampaignResult& result) {
  CorpusCoverage coverage = RunForCoverage(options.target, store.corpus(), hooks.stopped);
  result.functions = std::move(coverage.functions);
  result.operations = std::move(coverage.operations);
  result.stability =
      RunForStability(options.target, store.corpus(), NewIn(store.corpus(), before), hooks.stopped);
}

void TellProgress(const CampaignOptions& options, const CampaignHooks& hooks,
                  const FindingsStore& store, CampaignRun& run) {
  const CampaignFigures figures = run.Figures();
  const std::size_t findings = run.Findings().size();
  std::string left;
  if (options.execs > 0) {
    left = fmt::format(", {} inputs left",
                       options.execs > figures.executed ? options.execs - figures.executed : 0);
  }
  if (options.seconds > 0) {
    left += fmt::format(", {} s left",
                        std::max(0, options.seconds - static_cast<int>(figures.seconds)));
  }
  const std::string reached = options.target.kind == TargetKind::kProgram
                                  ? fmt::format("{} kinds of answers", figures.features)
                                  : fmt::format("{} edges", figures.edges);
  hooks.doing(fmt::format("{} inputs, {:.0f}/s, {}, corpus {}, {} findings{}", figures.executed,
                          figures.per_second(), reached, figures.corpus, findings, left));
  const nlohmann::json line = {{"seconds", figures.seconds}, {"executed", figures.executed},
                               {"edges", figures.edges},     {"features", figures.features},
                               {"corpus", figures.corpus},   {"findings", findings},
                               {"repeats", figures.repeats}, {"runs", figures.runs}};
  (void)AppendToFile(store.PathOf("stats.jsonl"), line.dump() + "\n");
}

void Work(const CampaignOptions& options, const CampaignHooks& hooks, const FindingsStore& store,
          CampaignRun& run) {
  std::vector<std::thread> workers;
  for (int i = 0; i < options.jobs; ++i) {
    workers.emplace_back([&run, i] { run.WorkUntilDone(static_cast<std::size_t>(i)); });
  }
  Nanos tell_at = RealNow() + kTellEvery;
  while (!run.AllLeft()) {
    std::this_thread::sleep_for(kLookEvery);
    if (RealNow() < tell_at) continue;
    tell_at += kTellEvery;
    TellProgress(options, hooks, store, run);
  }
  for (std::thread& worker : workers) worker.join();
  TellProgress(options, hooks, store, run);
}

}  // namespace

Result<CampaignResult> RunCampaign(const CampaignOptions& options, const CampaignHooks& hooks) {
  BecomeSubreaper();
  auto store = FindingsStore::Open(options.out);
  if (!store) return Fail(store.error());
  auto findings = store->Load();
  if (!findings) return Fail(findings.error());
  if (auto seeds = PrepareCorpus(options.target, store->corpus(), options.seed_folders); !seeds) {
    return Fail(seeds.error());
  }
  CampaignHooks logged = hooks;
  logged.say = [&](const std::string& line) {
    (void)AppendToFile(store->PathOf("campaign.log"), line + "\n");
    hooks.say(line);
  };
  if (auto checked = RecheckFindings(options, *store, logged, *findings); !checked) {
    return Fail(checked.error());
  }
  const std::vector<std::string> before =
      FilesIn(store->corpus()).value_or(std::vector<std::string>());
  CampaignRun run(options, logged, *store, std::move(*findings));
  Work(options, logged, *store, run);
  CampaignResult result;
  result.target = options.target;
  result.only_new = options.only_new;
  result.figures = run.Figures();
  result.findings = run.Findings();
  result.end = run.end();
  for (const Finding& finding : result.findings) {
    if (auto kept = store->Update(finding, options.target); !kept) return Fail(kept.error());
  }
  result.interrupted = hooks.stopped();
  if (run.trouble()) {
    // What was found so far is worth reading, whatever stopped the rest.
    (void)WriteReports(result, store->folder());
    return Fail(*run.trouble());
  }
  if (!result.interrupted && options.target.kind != TargetKind::kProgram) {
    LookAtCorpus(options, *store, before, hooks, result);
  }
  if (auto written = WriteReports(result, store->folder()); !written) return Fail(written.error());
  return result;
}

}  // namespace portlab
