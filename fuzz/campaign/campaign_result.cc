#include "fuzz/campaign/campaign_result.h"

#include <fmt/format.h>

#include <algorithm>

namespace portlab {

std::uint64_t CampaignResult::driver_edges() const {
  std::uint64_t sum = 0;
  for (const CoveredFunction& function : functions) {
    sum += static_cast<std::uint64_t>(function.covered);
  }
  return sum;
}

std::string NoWorkReason(const CampaignResult& result) {
  const CampaignFigures& figures = result.figures;
  const std::string noun(NounOf(result.target.kind));
  if (figures.mutated() == 0) {
    return "no input beyond the corpus was run: give it more time or executions";
  }
  if (!result.target.has_feedback()) return {};
  if (figures.driver_counters == 0) {
    return "no counter lies in the " + noun + ": compile it with -fsanitize=fuzzer-no-link";
  }
  if (!result.functions.empty() && result.driver_edges() == 0) {
    return result.target.kind == TargetKind::kDriver
               ? "none of the driver's code was reached: does its start refuse? See --start-args"
               : "none of the program's code was reached: does port_main return at once?";
  }
  return {};
}

FuzzExit ExitStatusOf(const CampaignResult& result) {
  if (result.interrupted) return kFuzzInterrupted;
  const bool found = std::ranges::any_of(result.findings, [&](const Finding& finding) {
    return result.only_new ? finding.status == FindingStatus::kNew : finding.fails();
  });
  if (found) return kFuzzFound;
  return NoWorkReason(result).empty() ? kFuzzClean : kFuzzNoWork;
}

bool ReachedIn(const OperationReach& reach, std::string_view situation) {
  return std::ranges::any_of(reach.reached, [situation](const std::string& words) {
    return ((", " + words) + ", ").find(", " + std::string(situation) + ", ") != std::string::npos;
  });
}

std::string StabilityInWords(const Stability& stability) {
  if (stability.inputs == 0) return {};
  std::string words = fmt::format(
      "stability {:.1f} %: {} of {} inputs that are new in the corpus did the same when run twice",
      stability.percent(), stability.stable, stability.inputs);
  if (!stability.difference.empty()) {
    words += fmt::format("; first difference, in {}: {}", stability.input, stability.difference);
  }
  return words;
}

static nlohmann::json OperationsToJson(const std::vector<OperationReach>& operations) {
  nlohmann::json list = nlohmann::json::array();
  for (const OperationReach& reach : operations) {
    nlohmann::json never = nlohmann::json::array();
    for (const char* situation : kSituations) {
      if (reach.has_callback && !ReachedIn(reach, situation)) never.push_back(situation);
    }
    list.push_back({{"operation", reach.operation},
                    {"has_callback", reach.has_callback},
                    {"reached", reach.reached},
                    {"never", never}});
  }
  return list;
}

static nlohmann::json StabilityToJson(const Stability& stability) {
  return {{"inputs", stability.inputs},
          {"stable", stability.stable},
          {"percent", stability.percent()},
          {"first_input", stability.input},
          {"first_difference", stability.difference}};
}

nlohmann::json ResultToJson(const CampaignResult& result) {
  using nlohmann::json;
  const CampaignFigures& figures = result.figures;
  json findings = json::array();
  for (const Finding& finding : result.findings) findings.push_back(FindingToJson(finding));
  json functions = json::array();
  for (const CoveredFunction& function : result.functions) {
    functions.push_back({{"name", function.name},
                         {"source", function.source},
                         {"covered", function.covered},
                         {"edges", function.edges}});
  }
  return {{"schema", kFindingsSchema},
          {"kind", KindName(result.target.kind)},
          {"target", result.target.file},
          {"guarded", result.target.guarded},
          {"exit_status", static_cast<int>(ExitStatusOf(result))},
          {"end", result.end},
          {"no_work", NoWorkReason(result)},
          {"bucket_rule", kBucketRule},
          {"campaign",
           {{"executed", figures.executed},
            {"replayed", figures.replayed},
            {"mutated", figures.mutated()},
            {"runs", figures.runs},
            {"repeats", figures.repeats},
            {"edges", figures.edges},
            {"features", figures.features},
            {"corpus", figures.corpus},
            {"new_units", figures.new_units},
            {"driver_counters", figures.driver_counters},
            {"driver_edges", result.driver_edges()},
            {"seconds", figures.seconds},
            {"seed", figures.seed}}},
          {"functions", functions},
          {"operations", OperationsToJson(result.operations)},
          {"stability", StabilityToJson(result.stability)},
          {"findings", findings}};
}

std::string ReproCommand(const std::string& id, const std::string& out) {
  std::string command = "portlab repro " + id;
  // The folder the tool looks in by itself needs no name.
  if (!out.starts_with("./portlab-fuzz/")) command += " --out " + out;
  return command;
}

}  // namespace portlab
