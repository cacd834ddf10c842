// Which trials a command line asks for, and what they need to be there.
//
// Threads: any. Ownership: entries are the catalogue's. Errors: badarg for an unknown fault: the
// detail lists the names there are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "faulty_drivers/trial/trial_runner.h"
#include "reports/report.h"

namespace portlab {

struct Selection {
  std::string fault;  // empty: all
  std::optional<IsolationMode> mode;
  std::optional<Flavour> flavour;
  int patience_ms = 1500;
};

struct TrialPlan {
  std::vector<const CatalogueEntry*> entries;
  std::vector<FlavourFacts> flavours;
  std::vector<TrialRequest> requests;  // each with the trigger on, then off
  std::vector<std::string> missing;    // files without which it cannot begin
};

Result<TrialPlan> PlanTrials(const Installation& installation, const Selection& selection);

FaultFacts FactsOf(const CatalogueEntry& entry);
// The record of a trial that was run, or that could not be.
TrialRecord RecordOf(const TrialRequest& request, const Result<Outcome>& outcome);

}  // namespace portlab
