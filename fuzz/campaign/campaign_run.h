// The work inside a campaign: workers that run the host one time after the other, and share the
// budget, the findings and the figures.
//
// Threads: WorkUntilDone from one thread for each worker number; the others from any. Ownership:
// borrows everything it is made from. Units: the figures' names say. Errors: the first that a
// worker met is trouble(); all workers stop then. Source: campaign.h.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/order.h"
#include "fuzz/campaign/campaign.h"
#include "fuzz/campaign/findings_store.h"
#include "fuzz/campaign/libfuzzer_log.h"

namespace portlab {

class CampaignRun {
 public:
  CampaignRun(const CampaignOptions& options, const CampaignHooks& hooks,
              const FindingsStore& store, std::vector<Finding> earlier);

  void WorkUntilDone(std::size_t worker);

  bool AllLeft();
  CampaignFigures Figures();
  std::vector<Finding> Findings();
  std::string end();
  std::optional<Error> trouble();

 private:
  // One run of the host.
  struct Grant {
    std::uint64_t number = 0;
    std::uint64_t seed = 0;
    std::uint64_t execs = 0;
    int seconds = 0;
  };
  // What a run under way has told so far.
  struct Live {
    std::uint64_t executed = 0;
    std::uint64_t edges = 0;
    std::uint64_t features = 0;
    std::uint64_t corpus = 0;
  };
  struct Ended {
    std::optional<CrashReport> crash;
    std::optional<std::string> input;  // what it died of
    std::vector<std::string> before;   // the inputs that were run before it
  };

  std::optional<Grant> TakeGrant();
  Result<Ended> RunHost(std::size_t worker, const Grant& grant);
  std::vector<std::string> ArgumentsFor(const Grant& grant, const std::string& scratch) const;
  void Tell(std::size_t worker, const LibFuzzerLog& log);
  void Account(std::size_t worker, const Grant& grant, const LibFuzzerLog& log, bool crashed);
  Result<void> TakeCrash(const Grant& grant, const Ended& ended);
  // What the input dies of when it is run alone, or else behind those that were run before it;
  // nullopt: it does not.
  Result<std::optional<CrashReport>> NameCrash(const std::string& input,
                                               const std::vector<std::string>& before);
  // What a host is told to go on after.
  std::vector<std::string> KnownIds();
  bool CountIfKnown(const std::string& id, std::uint64_t times = 1);
  bool CountIfSeenAt(const std::string& address_id, std::uint64_t times = 1);
  bool BeginTriage(const std::string& id);
  void MergeIfWorthIt();
  Result<void> AddFinding(const Grant& grant, Triaged triaged);
  std::string WhyDone() REQUIRES(mutex_);
  CampaignFigures SumFigures() REQUIRES(mutex_);

  const CampaignOptions& options_;
  const CampaignHooks& hooks_;
  const FindingsStore& store_;
  const Nanos begin_;

  Mutex mutex_;
  std::vector<Finding> findings_ GUARDED_BY(mutex_);
  std::vector<std::string> in_triage_ GUARDED_BY(mutex_);  // ids
  // Of buckets made of addresses, to the finding each belongs to.
  std::map<std::string, std::string> id_at_ GUARDED_BY(mutex_);
  CampaignFigures figures_ GUARDED_BY(mutex_);    // of the runs that ended
  std::vector<Live> live_ GUARDED_BY(mutex_);     // of the runs under way, by worker
  std::uint64_t granted_ GUARDED_BY(mutex_) = 0;  // execs of the runs under way
  int barren_ GUARDED_BY(mutex_) = 0;
  int working_ GUARDED_BY(mutex_);
  std::string end_ GUARDED_BY(mutex_);
  std::optional<Error> trouble_ GUARDED_BY(mutex_);
};

}  // namespace portlab
