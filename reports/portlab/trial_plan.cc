#include "reports/portlab/trial_plan.h"

#include <unistd.h>

#include <algorithm>

namespace portlab {
namespace {

std::string HostFile(const Installation& installation, Flavour flavour) {
  return installation.bin + "/portlab-host-" + std::string(BuildName(flavour));
}

bool IsProgram(const std::string& path) { return ::access(path.c_str(), X_OK) == 0; }

Result<std::vector<const CatalogueEntry*>> EntriesOf(const std::string& fault) {
  std::vector<const CatalogueEntry*> entries;
  std::string names;
  for (const CatalogueEntry& entry : Catalogue()) {
    if (fault.empty() || entry.name == fault) entries.push_back(&entry);
    names += (names.empty() ? "" : ", ") + entry.name;
  }
  if (!entries.empty()) return entries;
  return Fail(Error::BadArg("unknown fault '" + fault + "'; there are: " + names));
}

// Files that must be there, each once.
void AddMissing(const std::string& file, TrialPlan& plan) {
  if (std::ranges::count(plan.missing, file) == 0) plan.missing.push_back(file);
}

// The asan host is left out when it is not there, unless it was asked for.
void ChooseFlavours(const Installation& installation, const Selection& selection, TrialPlan& plan) {
  for (const auto flavour : kFlavours) {
    if (selection.flavour.value_or(flavour) != flavour) continue;
    const std::string host = HostFile(installation, flavour);
    FlavourFacts facts = {flavour, IsProgram(host), ""};
    if (!facts.built) {
      facts.note = host + " is missing; ./lab build makes it, with clang-19 and libclang-rt-19-dev";
      if (flavour != Flavour::kAsan || selection.flavour) AddMissing(host, plan);
    }
    plan.flavours.push_back(std::move(facts));
  }
}

void FindMissing(const Installation& installation, TrialPlan& plan) {
  std::vector<std::string> needed = {installation.bin + "/portlab-spawn-server"};
  for (const TrialRequest& request : plan.requests) {
    const std::string drivers =
        installation.drivers + "/" + std::string(BuildName(request.flavour)) + "/";
    needed.push_back(drivers + "echo_drv.so");
    needed.push_back(request.mode == IsolationMode::kInVm
                         ? drivers + request.entry->driver + ".so"
                         : installation.programs + "/" + request.entry->program);
  }
  for (const std::string& file : needed) {
    const bool there = ::access(file.c_str(), file.ends_with(".so") ? R_OK : X_OK) == 0;
    if (!there) AddMissing(file, plan);
  }
}

bool IsTried(const CatalogueEntry& entry, IsolationMode mode, Flavour flavour,
             const Selection& selection) {
  if (selection.mode.value_or(mode) != mode) return false;
  return HasMode(entry, mode) && HasFlavour(mode, flavour);
}

}  // namespace

Result<TrialPlan> PlanTrials(const Installation& installation, const Selection& selection) {
  auto entries = EntriesOf(selection.fault);
  if (!entries) return Fail(entries.error());
  TrialPlan plan;
  plan.entries = std::move(*entries);
  ChooseFlavours(installation, selection, plan);
  for (const FlavourFacts& facts : plan.flavours) {
    for (const CatalogueEntry* entry : plan.entries) {
      for (const auto mode : {IsolationMode::kInVm, IsolationMode::kProgram}) {
        if (!facts.built || !IsTried(*entry, mode, facts.flavour, selection)) continue;
        for (const bool trigger : {true, false}) {
          plan.requests.push_back({entry, mode, facts.flavour, trigger, selection.patience_ms});
        }
      }
    }
  }
  FindMissing(installation, plan);
  if (plan.requests.empty() && plan.missing.empty()) {
    return Fail(
        Error::BadArg("there is no such trial: some faults are drivers or programs only, and a "
                      "guarded host has nothing to guard of a program"));
  }
  return plan;
}

FaultFacts FactsOf(const CatalogueEntry& entry) {
  return {entry.name, entry.id, entry.cwe, entry.title, entry.driver, entry.program};
}

TrialRecord RecordOf(const TrialRequest& request, const Result<Outcome>& outcome) {
  TrialRecord record;
  record.entry = request.entry->name;
  record.mode = request.mode;
  record.flavour = request.flavour;
  record.trigger = request.trigger;
  record.expected = ExpectedKeys(request);
  if (outcome) {
    record.outcome = *outcome;
    record.met = MeetsExpectation(request, *outcome);
  } else {
    record.error = outcome.error().ToString();
  }
  return record;
}

}  // namespace portlab
