// Finished trials, kept in DIR/trials.partial.jsonl while a report is in the making: the first line
// tells the settings and the build, every other line is a trial (TrialToJson). A run that was
// killed leaves it behind; --resume goes on from there.
//
// Threads: one at a time. Ownership: the file, which is locked as long as this lives, so that two
// runs cannot write one report. Errors: errno of the file; EWOULDBLOCK, in words: another run has
// it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "portlab/error.h"
#include "reports/output_folder.h"
#include "reports/report.h"

namespace portlab {

class TrialLog {
 public:
  // Begins anew, or with `resume` takes over what was logged under the same `header`.
  static Result<TrialLog> Open(const OutputFolder& folder, const nlohmann::json& header,
                               bool resume);

  // The trial of an earlier run, if it was finished; null: it was not.
  const TrialRecord* Find(const TrialRecord& like) const;
  std::size_t taken_over() const { return trials_.size(); }
  // There was a log, but of other settings or of another build.
  bool began_anew() const { return began_anew_; }

  Result<void> Append(const TrialRecord& trial);
  void Remove();
  // Removes it unless it was there before: what an interrupted run does.
  void RemoveIfOurs();

 private:
  TrialLog() = default;
  // Takes over what is good in `text`; nullopt-like 0: nothing is. Returns the length of the good
  // part.
  std::size_t TakeOver(const std::string& text, const std::string& header);

  std::string path_;
  UniqueFd fd_;
  std::vector<TrialRecord> trials_;
  bool began_anew_ = false;
};

}  // namespace portlab
