#include "fuzz/campaign/corpus_merge.h"

#include <unistd.h>

#include <algorithm>

#include "fuzz/campaign/files.h"
#include "fuzz/campaign/watched_child.h"

namespace portlab {
namespace {

constexpr Nanos kTimeLimit = 60'000 * kMillisecond;

// Writes the useful inputs of `corpus` to `useful`.
bool Merge(const FuzzTarget& target, const std::string& useful, const std::string& corpus,
           const std::function<bool()>& cancelled) {
  WatchedSpec spec;
  spec.file = target.host;
  spec.args = HostFlags(target, useful);
  for (const std::string& word : {std::string("-merge=1"), useful, corpus}) {
    spec.args.push_back(word);
  }
  for (std::string& word : HostTail(target)) spec.args.push_back(std::move(word));
  spec.environment = HostEnvironment(Symbols::kAddresses);
  spec.time_limit = kTimeLimit;
  spec.cancelled = cancelled;
  const auto end = RunWatched(spec);
  return end && !end->cancelled && end->status.exited(0);
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::binary_search(names, name);
}

}  // namespace

bool IsWorthMerging(std::size_t files, std::size_t useful) { return files > 2 * useful + 64; }

void MergeCorpus(const FuzzTarget& target, const std::string& corpus,
                 const std::function<bool()>& cancelled) {
  const auto scratch = ScratchFolder::Make();
  const auto before = FilesIn(corpus);
  if (!scratch || !before || !Merge(target, scratch->path(), corpus, cancelled)) return;
  const auto useful = FilesIn(scratch->path());
  if (!useful || useful->empty()) return;
  for (const std::string& name : *useful) {
    if (Contains(*before, name)) continue;
    const auto content = ReadFile(scratch->path() + "/" + name);
    if (!content || !WriteFileWhole(corpus + "/" + name, *content)) return;
  }
  for (const std::string& name : *before) {
    if (!Contains(*useful, name)) ::unlink((corpus + "/" + name).c_str());
  }
}

}  // namespace portlab
