// The folder of a campaign: what a later run goes on from, and what a person looks at.
//
//   corpus/                      inputs that reached something new
//   findings/ID/input            the minimised input; `original` is the one that was found
//   findings/ID/history/000 …    what must be run before it, if anything, in this order
//   findings/ID/operations.txt   the input as text
//   findings/ID/report.txt       what the host printed
//   findings/ID/finding.json     finding.h; with "target": how it is run again
//   findings.json  findings.md   all of them, and the campaign's figures
//   stats.jsonl  campaign.log    progress, a line every few seconds
//
// A finding is made under a hidden name and renamed, so that a campaign that was killed leaves
// whole findings or none. Threads: one at a time. Ownership: of the folder; one campaign at a time
// (it is locked). Errors: errno, naming the file; a finding that cannot be read is named, too.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "fuzz/campaign/files.h"
#include "fuzz/campaign/finding.h"
#include "fuzz/campaign/fuzz_target.h"

namespace portlab {

nlohmann::json TargetToJson(const FuzzTarget& target);
Result<FuzzTarget> TargetFromJson(const nlohmann::json& json);

struct FindingFiles {
  std::string input;
  std::string original;
  std::string operations;  // text
  std::string report;
  std::vector<std::string> history = {};  // inputs
};

class FindingsStore {
 public:
  // Makes what is missing, and clears away what a killed campaign left half done.
  static Result<FindingsStore> Open(const std::string& folder);

  const std::string& folder() const { return folder_; }
  std::string corpus() const { return folder_ + "/corpus"; }
  std::string PathOf(std::string_view name) const { return folder_ + "/" + std::string(name); }
  static std::string FolderOf(const std::string& folder, const std::string& id) {
    return folder + "/findings/" + id;
  }
  std::string FolderOf(const std::string& id) const { return FolderOf(folder_, id); }

  Result<std::vector<Finding>> Load() const;
  // Replaces one with the same id.
  Result<void> Add(const Finding& finding, const FuzzTarget& target,
                   const FindingFiles& files) const;
  // finding.json only.
  Result<void> Update(const Finding& finding, const FuzzTarget& target) const;

 private:
  FindingsStore(std::string folder, UniqueFd lock)
      : folder_(std::move(folder)), lock_(std::move(lock)) {}

  std::string folder_;
  UniqueFd lock_;
};

// One finding's finding.json, wherever its folder is.
struct StoredFinding {
  Finding finding;
  FuzzTarget target;
};
Result<StoredFinding> ReadStoredFinding(const std::string& finding_folder);
// What is run to repeat it, one after the other in one process: its history, and its input.
Result<std::vector<std::string>> ReadInputsOf(const std::string& finding_folder);

}  // namespace portlab
