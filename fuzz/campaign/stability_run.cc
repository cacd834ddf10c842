#include "fuzz/campaign/stability_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "driver/elf_file.h"
#include "fuzz/campaign/files.h"
#include "fuzz/campaign/watched_child.h"

namespace portlab {
namespace {

constexpr Nanos kTimeLimit = 30'000 * kMillisecond;
constexpr std::size_t kLogBytes = 4 * 1024 * 1024;
// An input that dies when it is run twice takes the process with it.
constexpr int kProcessesMax = 5;

// Where the compiler keeps its counters, for EdgePlacesFrom (fuzz/run_twice.h).
std::string TwiceFlag(const FuzzTarget& target) {
  const auto elf = ReadElfFile(target.file);
  if (!elf || target.guarded) return "--twice";
  const auto counters = elf->places.find("__sancov_cntrs");
  const auto table = elf->places.find("__sancov_pcs");
  if (counters == elf->places.end() || table == elf->places.end()) return "--twice";
  return fmt::format("--twice={},{},{}", counters->second.address, counters->second.bytes,
                     table->second.address);
}

std::string RunHost(const FuzzTarget& target, const std::string& corpus,
                    const std::vector<std::string>& names, const std::function<bool()>& cancelled) {
  const auto scratch = ScratchFolder::Make();
  if (!scratch) return {};
  std::string log;
  WatchedSpec spec;
  spec.file = target.host;
  spec.args = HostFlags(target, scratch->path());
  for (const std::string& name : names) spec.args.push_back(corpus + "/" + name);
  for (std::string& word : HostTail(target)) spec.args.push_back(std::move(word));
  spec.args.push_back(TwiceFlag(target));
  spec.environment = HostEnvironment(Symbols::kNames);
  spec.time_limit = kTimeLimit;
  spec.cancelled = cancelled;
  spec.on_stderr = [&log](std::string_view text) {
    if (log.size() < kLogBytes) log.append(text);
  };
  (void)RunWatched(spec);
  return log;
}

void Add(Stability& sum, const Stability& more) {
  if (sum.difference.empty()) {
    sum.input = more.input;
    sum.difference = more.difference;
  }
  sum.inputs += more.inputs;
  sum.stable += more.stable;
}

}  // namespace

StabilityLog ParseStability(std::string_view log, const std::vector<std::string>& names) {
  constexpr std::string_view kStable = "portlab: STABLE";
  constexpr std::string_view kUnstable = "portlab: UNSTABLE ";
  StabilityLog result;
  Stability& stability = result.stability;
  for (std::size_t at = 0; at < log.size() && result.done < names.size();) {
    const std::size_t end = std::min(log.find('\n', at), log.size());
    const std::string_view line = log.substr(at, end - at);
    at = end + 1;
    const bool unstable = line.starts_with(kUnstable);
    if (!unstable && line != kStable) continue;
    ++stability.inputs;
    stability.stable += unstable ? 0 : 1;
    if (unstable && stability.difference.empty()) {
      stability.input = names[result.done];
      stability.difference = line.substr(kUnstable.size());
    }
    ++result.done;
  }
  return result;
}

Stability RunForStability(const FuzzTarget& target, const std::string& corpus,
                          std::vector<std::string> names, const std::function<bool()>& cancelled) {
  if (names.size() > kStabilityInputs) names.resize(kStabilityInputs);
  Stability sum;
  for (int process = 0; process < kProcessesMax && !names.empty() && !cancelled(); ++process) {
    const StabilityLog part = ParseStability(RunHost(target, corpus, names, cancelled), names);
    Add(sum, part.stability);
    if (part.done == names.size() || (part.done == 0 && process == 0)) break;
    // Each was run alone before: it is the second time, or those before it, that it dies of.
    Add(sum, {1, 0, names[part.done], "the host died of it, as it does not when it is run once"});
    names.erase(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(part.done) + 1);
  }
  return sum;
}

}  // namespace portlab
