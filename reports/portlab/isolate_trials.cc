#include "reports/portlab/isolate_trials.h"

#include <fmt/format.h>
#include <unistd.h>

#include "reports/portlab/progress.h"
#include "reports/portlab/stop_signals.h"
#include "reports/summary.h"

namespace portlab {

IsolateTrials::IsolateTrials(Installation installation, IsolateSubject subject, Flavour flavour,
                             int patience_ms)
    : installation_(std::move(installation)),
      subject_(std::move(subject)),
      flavour_(flavour),
      patience_ms_(patience_ms) {}

TrialRecord IsolateTrials::RecordOf(const IsolateRow& row, const Result<Outcome>& outcome) const {
  TrialRecord record;
  record.entry = row.name;
  record.mode = subject_.mode;
  record.flavour = flavour_;
  record.met = outcome.has_value();  // nothing more is expected
  if (outcome) {
    record.outcome = *outcome;
  } else {
    record.error =
        outcome.error().detail.empty() ? outcome.error().ToString() : outcome.error().detail;
  }
  return record;
}

Result<void> IsolateTrials::Run(const std::vector<IsolateRow>& rows,
                                std::vector<TrialRecord>& records) const {
  Progress progress;
  for (const IsolateRow& row : rows) {
    CatalogueEntry entry;
    entry.name = row.name;
    (subject_.mode == IsolationMode::kInVm ? entry.driver : entry.program) = subject_.path;
    const TrialRequest request = {&entry, subject_.mode, flavour_,
                                  true,   patience_ms_,  ScriptToText(row.script)};
    const std::string place = fmt::format("{}/{} {}", records.size() + 1, rows.size(), row.name);
    progress.Doing(OneLine(place) + " ...");
    const auto outcome = RunTrial(installation_, request, [] { return StopSignal() != 0; });
    if (StopSignal() != 0) return {};
    if (!outcome && records.empty() && outcome.error().type == ErrorType::kBadArg) {
      return Fail(Error::BadArg(RecordOf(row, outcome).error));
    }
    records.push_back(RecordOf(row, outcome));
    const TrialRecord& record = records.back();
    const std::string line =
        OneLine(place + ": " + (record.outcome ? record.outcome->key : "not run: " + record.error));
    record.outcome ? progress.Done(line) : progress.Say(line);
  }
  return {};
}

std::string MissingFor(const Installation& installation, Flavour flavour) {
  const std::string build(BuildName(flavour));
  for (const std::string& file :
       {installation.bin + "/portlab-host-" + build, installation.bin + "/portlab-spawn-server",
        installation.drivers + "/" + build + "/echo_drv.so"}) {
    if (::access(file.c_str(), file.ends_with(".so") ? R_OK : X_OK) == 0) continue;
    return file + " is missing; build it with: ./lab build" +
           (flavour == Flavour::kAsan ? " (it takes clang-19 and libclang-rt-19-dev)" : "");
  }
  return {};
}

}  // namespace portlab
