// A campaign: runs the fuzzing host again and again, each time from another seed, until the budget
// is used up; what it dies of becomes findings, told apart, reproduced and made smaller.
//
// Threads: RunCampaign from one; it starts `jobs` workers and joins them. Ownership: of the folder
// while it runs. Units: what the names say; executed counts inputs, seeds included.
// Determinism: with `execs`, one job and a corpus as before, the same seed runs the same inputs.
// Errors: Error for what keeps a campaign from working (folder, host, driver): status 5. What was
// found until then is in the folder. Source: fuzzing.md 0.7, 0.8, 2.1, 6.6.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "fuzz/campaign/campaign_result.h"
#include "fuzz/campaign/fuzz_target.h"
#include "fuzz/campaign/triage.h"

namespace portlab {

struct CampaignOptions {
  FuzzTarget target;
  std::string out;
  std::uint64_t execs = 0;  // 0: as many as there is time for
  int seconds = 60;         // 0: as long as the execs take
  int max_findings = 0;     // 0: any number
  std::uint64_t seed = 1;
  int jobs = 1;
  bool only_new = false;  // what is known already does not fail
  std::vector<std::string> seed_folders;
  std::string dictionary;
  TriageLimits triage;
};

struct CampaignHooks {
  std::function<void(const std::string&)> say;    // a line that stays
  std::function<void(const std::string&)> doing;  // how far it is, every few seconds
  std::function<bool()> stopped;                  // Ctrl-C
};

Result<CampaignResult> RunCampaign(const CampaignOptions& options, const CampaignHooks& hooks);

}  // namespace portlab
