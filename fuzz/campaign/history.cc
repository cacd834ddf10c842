#include "fuzz/campaign/history.h"

#include "fuzz/campaign/minimise.h"
#include "launch/real_time.h"

namespace portlab {
namespace {

std::vector<std::string> Joined(std::vector<std::string> before, const std::string& input) {
  before.push_back(input);
  return before;
}

// Asks the host, within limits, whether a list of inputs leads to what is wanted. What the inputs
// left behind is the point here: each list has a process of its own.
class SequenceOracle {
 public:
  SequenceOracle(const FuzzTarget& target, const Bucket& wanted, const TriageLimits& limits,
                 const std::function<bool()>& cancelled)
      : target_(target),
        wanted_(wanted),
        cancelled_(cancelled),
        runs_left_(limits.minimise_runs),
        deadline_(RealNow() + Nanos{limits.minimise_seconds} * 1000 * kMillisecond) {}

  bool Leads(const std::vector<std::string>& inputs) {
    if (runs_left_-- <= 0 || RealNow() >= deadline_) return false;
    const auto run = RunSequence(target_, inputs, Symbols::kNames, cancelled_);
    return run && run->crash && run->crashed + 1 == inputs.size() && run->bucket == wanted_;
  }

 private:
  const FuzzTarget& target_;
  const Bucket& wanted_;
  const std::function<bool()>& cancelled_;
  int runs_left_;
  const Nanos deadline_;
};

}  // namespace

Result<std::optional<CrashReport>> CrashOfLast(const FuzzTarget& target,
                                               const std::vector<std::string>& inputs,
                                               const std::function<bool()>& cancelled) {
  auto run = RunSequence(target, inputs, Symbols::kNames, cancelled);
  if (!run) return Fail(run.error());
  if (!run->crash || run->crashed + 1 != inputs.size()) return std::optional<CrashReport>();
  return std::move(run->crash);
}

Result<std::optional<NeededHistory>> FindHistory(const FuzzTarget& target,
                                                 const std::vector<std::string>& before,
                                                 const std::string& input, const Bucket& wanted,
                                                 const TriageLimits& limits,
                                                 const std::function<bool()>& cancelled) {
  const auto crash = CrashOfLast(target, Joined(before, input), cancelled);
  if (!crash) return Fail(crash.error());
  if (!*crash || BucketOf(**crash, target.modules()) != wanted) {
    return std::optional<NeededHistory>();
  }
  SequenceOracle oracle(target, wanted, limits, cancelled);
  NeededHistory needed;
  needed.before = MinimiseHistory(before, [&](const std::vector<std::string>& fewer) {
    return oracle.Leads(Joined(fewer, input));
  });
  const auto smaller =
      [&](const std::vector<std::string>& candidates) -> std::optional<std::size_t> {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (oracle.Leads(Joined(needed.before, candidates[i]))) return i;
    }
    return std::nullopt;
  };
  needed.input = MinimiseInput(input, smaller, target.operations_max());
  auto again = Reproduce(target, Joined(needed.before, needed.input), wanted, cancelled);
  if (!again) return Fail(again.error());
  needed.reproduction = std::move(*again);
  return needed;
}

}  // namespace portlab
