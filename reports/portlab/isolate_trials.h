// Runs the trials of one user's driver or program, each in a supervised host of its own, and tells
// on stderr how far it is.
//
// Threads: the main thread (hosts die with the thread that started them). Ownership: nothing stays
// behind. Units: milliseconds where a name ends in _ms. Errors: badarg when the first host could
// not take the driver at all, in its own words; a later trial that could not be run is a record
// that says why. Source: design, decisions 9 and 12.
#pragma once

#include <string>
#include <vector>

#include "faulty_drivers/trial/trial_runner.h"
#include "reports/portlab/isolate_plan.h"
#include "reports/report.h"

namespace portlab {

class IsolateTrials {
 public:
  IsolateTrials(Installation installation, IsolateSubject subject, Flavour flavour,
                int patience_ms);

  // Appends to `records`; ends early after a stop signal (stop_signals.h).
  Result<void> Run(const std::vector<IsolateRow>& rows, std::vector<TrialRecord>& records) const;

 private:
  TrialRecord RecordOf(const IsolateRow& row, const Result<Outcome>& outcome) const;

  const Installation installation_;
  const IsolateSubject subject_;
  const Flavour flavour_;
  const int patience_ms_;
};

// What is not there of the files that every trial needs, with the remedy; empty: all is there.
std::string MissingFor(const Installation& installation, Flavour flavour);

}  // namespace portlab
