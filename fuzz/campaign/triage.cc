#include "fuzz/campaign/triage.h"

#include <algorithm>
#include <map>

#include "fuzz/campaign/history.h"
#include "fuzz/campaign/minimise.h"
#include "fuzz/operations/text.h"
#include "launch/real_time.h"

namespace portlab {
namespace {

constexpr int kTries = 3;
constexpr int kTriesInDoubt = 10;
constexpr std::size_t kStackFrames = 16;

std::vector<Operation> OperationsOf(const FuzzTarget& target, const std::string& input) {
  return DecodeOperations(AsBytes(input), target.operations_max());
}

InputSize SizeOf(const FuzzTarget& target, const std::string& input) {
  return {input.size(), OperationsOf(target, input).size()};
}

// Asks the host which of several inputs fails as wanted, within limits.
class HostOracle {
 public:
  HostOracle(const FuzzTarget& target, const Bucket& wanted, const TriageLimits& limits,
             const std::function<bool()>& cancelled, const std::string& folder)
      : target_(target),
        wanted_(wanted),
        cancelled_(cancelled),
        folder_(folder),
        runs_left_(limits.minimise_runs),
        deadline_(RealNow() + Nanos{limits.minimise_seconds} * 1000 * kMillisecond) {}

  std::optional<std::size_t> operator()(const std::vector<std::string>& candidates) {
    std::vector<std::string> files;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      files.push_back(folder_ + "/" + std::to_string(i));
      if (!WriteFileWhole(files.back(), candidates[i])) return std::nullopt;
    }
    // One that crashes in another way ends the process: go on behind it.
    for (std::size_t done = 0; done < files.size();) {
      const std::vector<std::string> rest(files.begin() + static_cast<std::ptrdiff_t>(done),
                                          files.end());
      const auto run = Run(rest, Symbols::kAddresses);
      if (!run) return std::nullopt;
      done += run->crashed;
      if (IsWanted(run->bucket, files[done])) return done;
      ++done;
    }
    return std::nullopt;
  }

 private:
  // Nullopt: nothing crashed, or the limits are reached.
  std::optional<InputRun> Run(const std::vector<std::string>& files, Symbols symbols) {
    if (runs_left_-- <= 0 || RealNow() >= deadline_) return std::nullopt;
    auto run = RunInputs(target_, files, symbols, cancelled_);
    if (!run || run->cancelled || !run->crash) return std::nullopt;
    return std::move(*run);
  }
  // Names are asked for once for each place in the code.
  bool IsWanted(const Bucket& by_address, const std::string& file) {
    const std::string id = BucketId(by_address);
    const auto known = is_wanted_.find(id);
    if (known != is_wanted_.end()) return known->second;
    const auto named = Run({file}, Symbols::kNames);
    const bool wanted = named && named->bucket == wanted_;
    is_wanted_[id] = wanted;
    return wanted;
  }

  const FuzzTarget& target_;
  const Bucket& wanted_;
  const std::function<bool()>& cancelled_;
  const std::string folder_;
  std::map<std::string, bool> is_wanted_;
  int runs_left_;
  const Nanos deadline_;
};

std::vector<StackFrame> StackOf(const CrashReport& crash, const TracedModules& modules) {
  std::vector<StackFrame> frames = UserFrames(crash.stack, modules);
  if (frames.empty()) {
    std::ranges::copy_if(
        crash.stack.frames, std::back_inserter(frames),
        [&](const StackFrame& frame) { return OwnerOf(frame, modules) == FrameOwner::kHost; });
  }
  if (frames.size() > kStackFrames) frames.resize(kStackFrames);
  return frames;
}

void Describe(const CrashReport& crash, const TracedModules& modules, Finding& finding) {
  finding.tool = crash.tool;
  finding.sentence = crash.sentence;
  finding.stack = StackOf(crash, modules);
  finding.operation = crash.operation;
  finding.operation_text = crash.operation_text;
}

}  // namespace

std::string MarkedOperations(const FuzzTarget& target, const std::string& input, int failing) {
  const std::vector<Operation> operations = OperationsOf(target, input);
  std::string text;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    text += PrintOperation(operations[i]);
    text += static_cast<int>(i) == failing ? "  # <- fails here\n" : "\n";
  }
  return operations.empty() ? "# no operation\n" : text;
}

Result<Reproduction> Reproduce(const FuzzTarget& target, const std::vector<std::string>& inputs,
                               const Bucket& wanted, const std::function<bool()>& cancelled) {
  Reproduction result;
  for (int wanted_tries = kTries; result.tries < wanted_tries;) {
    Result<InputRun> run = RunSequence(target, inputs, Symbols::kNames, cancelled);
    if (!run) return Fail(run.error());
    if (run->cancelled) break;
    ++result.tries;
    if (run->crash && run->crashed + 1 == inputs.size() && run->bucket == wanted) {
      ++result.reproduced;
      result.crash = std::move(run->crash);
    }
    // Ten runs of something that only takes its time are a long time.
    const bool worth_it = wanted.kind != "timeout" || result.reproduced > 0;
    if (result.reproduced < result.tries && worth_it) wanted_tries = kTriesInDoubt;
  }
  return result;
}

std::string MinimiseFor(const FuzzTarget& target, const std::string& input, const Bucket& wanted,
                        const TriageLimits& limits, const std::function<bool()>& cancelled) {
  const auto scratch = ScratchFolder::Make();
  if (!scratch || limits.minimise_runs == 0) return input;
  HostOracle oracle(target, wanted, limits, cancelled, scratch->path());
  return MinimiseInput(
      input, [&oracle](const std::vector<std::string>& candidates) { return oracle(candidates); },
      target.operations_max());
}

namespace {

// What an input that fails alone comes to when it is made smaller.
Result<void> MakeSmaller(const FuzzTarget& target, const TriageLimits& limits,
                         const std::function<bool()>& cancelled, Triaged& triaged,
                         Reproduction& alone) {
  const Bucket& wanted = triaged.finding.bucket;
  // What a timeout takes is the limit itself, over and over.
  const bool sure = alone.reproduced == alone.tries && alone.tries > 0;
  if (!sure || wanted.kind == "timeout") return {};
  const std::string smallest = MinimiseFor(target, triaged.files.input, wanted, limits, cancelled);
  if (smallest == triaged.files.input) return {};
  Result<Reproduction> again = Reproduce(target, {smallest}, wanted, cancelled);
  if (!again) return Fail(again.error());
  // A smaller input that is less sure is no better.
  if (again->reproduced < again->tries || again->tries == 0) return {};
  alone = std::move(*again);
  triaged.files.input = smallest;
  return {};
}

// The same of one that does nothing alone, if it does behind others.
Result<void> LookBack(const FuzzTarget& target, const std::vector<std::string>& before,
                      const TriageLimits& limits, const std::function<bool()>& cancelled,
                      Triaged& triaged, Reproduction& reproduction) {
  if (before.empty() || reproduction.reproduced > 0 || reproduction.tries == 0) return {};
  if (triaged.finding.bucket.kind == "timeout") return {};
  auto needed =
      FindHistory(target, before, triaged.files.input, triaged.finding.bucket, limits, cancelled);
  if (!needed) return Fail(needed.error());
  if (!*needed || (*needed)->reproduction.reproduced == 0) return {};
  reproduction = std::move((*needed)->reproduction);
  triaged.files.input = std::move((*needed)->input);
  triaged.files.history = std::move((*needed)->before);
  triaged.finding.history = triaged.files.history.size();
  return {};
}

}  // namespace

Result<Triaged> Triage(const FuzzTarget& target, const std::string& input,
                       const std::vector<std::string>& before, const CrashReport& crash,
                       const TriageLimits& limits, const std::function<bool()>& cancelled) {
  Triaged triaged;
  Finding& finding = triaged.finding;
  finding.bucket = BucketOf(crash, target.modules());
  finding.id = BucketId(finding.bucket);
  finding.original = SizeOf(target, input);
  Describe(crash, target.modules(), finding);
  triaged.files = {input, input, {}, crash.text};
  Result<Reproduction> again = Reproduce(target, {input}, finding.bucket, cancelled);
  if (!again) return Fail(again.error());
  if (auto done = MakeSmaller(target, limits, cancelled, triaged, *again); !done) {
    return Fail(done.error());
  }
  if (auto done = LookBack(target, before, limits, cancelled, triaged, *again); !done) {
    return Fail(done.error());
  }
  finding.minimised = SizeOf(target, triaged.files.input);
  finding.reproduced = again->reproduced;
  finding.tries = again->tries;
  if (again->crash) {
    Describe(*again->crash, target.modules(), finding);
    triaged.files.report = again->crash->text;
  }
  triaged.files.operations = MarkedOperations(target, triaged.files.input, finding.operation);
  return triaged;
}

}  // namespace portlab
