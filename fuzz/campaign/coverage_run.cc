#include "fuzz/campaign/coverage_run.h"

#include <algorithm>
#include <charconv>

#include "fuzz/campaign/files.h"
#include "fuzz/campaign/watched_child.h"
#include "fuzz/operations/operation.h"

namespace portlab {
namespace {

constexpr Nanos kTimeLimit = 30'000 * kMillisecond;
constexpr std::size_t kLogBytes = 4 * 1024 * 1024;

// "COVERED_FUNC: hits: 3 edges: 16/32 start /path/my_drv.c:40"
bool ParseLine(std::string_view line, CoveredFunction& function) {
  constexpr std::string_view kEdges = " edges: ";
  const std::size_t at = line.find(kEdges);
  if (at == std::string_view::npos) return false;
  const char* end = line.data() + line.size();
  auto parsed = std::from_chars(line.data() + at + kEdges.size(), end, function.covered);
  if (parsed.ec != std::errc() || parsed.ptr == end || *parsed.ptr != '/') return false;
  parsed = std::from_chars(parsed.ptr + 1, end, function.edges);
  if (parsed.ec != std::errc() || parsed.ptr == end) return false;
  const std::string_view rest(parsed.ptr + 1, static_cast<std::size_t>(end - parsed.ptr - 1));
  const std::size_t blank = rest.rfind(' ');
  function.name = rest.substr(0, blank);
  if (blank == std::string_view::npos) return true;
  const std::string_view source = rest.substr(blank + 1);
  function.source = source.substr(source.rfind('/') + 1);
  return true;
}

bool IsHosts(const CoveredFunction& function) {
  return function.name.starts_with("LLVMFuzzer") || function.name.starts_with("portlab::");
}

}  // namespace

std::vector<CoveredFunction> ParseCoverage(std::string_view log) {
  std::vector<CoveredFunction> functions;
  for (std::size_t at = 0; at < log.size();) {
    const std::size_t end = std::min(log.find('\n', at), log.size());
    const std::string_view line = log.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with("COVERED_FUNC: ") && !line.starts_with("UNCOVERED_FUNC: ")) continue;
    CoveredFunction function;
    if (ParseLine(line, function) && !IsHosts(function)) functions.push_back(std::move(function));
  }
  return functions;
}

std::vector<OperationReach> ParseReached(std::string_view log) {
  constexpr std::string_view kHas = "portlab: HAS ";
  constexpr std::string_view kReached = "portlab: REACHED ";
  constexpr std::string_view kIn = " in: ";
  std::vector<OperationReach> operations;
  for (std::size_t i = 0; i < kOperationKinds; ++i) {
    operations.push_back({std::string(ShapeOf(static_cast<OperationKind>(i)).name), false, {}});
  }
  const auto of = [&operations](std::string_view name) {
    return std::ranges::find(operations, name, &OperationReach::operation);
  };
  bool any = false;
  for (std::size_t at = 0; at < log.size();) {
    const std::size_t end = std::min(log.find('\n', at), log.size());
    const std::string_view line = log.substr(at, end - at);
    at = end + 1;
    const std::size_t in = line.find(kIn);
    if (line.starts_with(kHas)) {
      const auto reach = of(line.substr(kHas.size()));
      if (reach == operations.end()) continue;
      reach->has_callback = any = true;
    } else if (line.starts_with(kReached) && in != std::string_view::npos) {
      const auto reach = of(line.substr(kReached.size(), in - kReached.size()));
      if (reach != operations.end()) reach->reached.emplace_back(line.substr(in + kIn.size()));
    }
  }
  if (!any) return {};
  for (OperationReach& reach : operations) std::ranges::sort(reach.reached);
  return operations;
}

CorpusCoverage RunForCoverage(const FuzzTarget& target, const std::string& corpus,
                              const std::function<bool()>& cancelled) {
  const auto scratch = ScratchFolder::Make();
  if (!scratch) return {};
  std::string log;
  WatchedSpec spec;
  spec.file = target.host;
  spec.args = HostFlags(target, scratch->path());
  for (const char* flag : {"-runs=0", "-print_coverage=1"}) spec.args.push_back(flag);
  spec.args.push_back(corpus);
  for (std::string& word : HostTail(target)) spec.args.push_back(std::move(word));
  spec.args.push_back("--survey");
  spec.environment = HostEnvironment(Symbols::kNames);
  spec.time_limit = kTimeLimit;
  spec.cancelled = cancelled;
  spec.on_stderr = [&log](std::string_view text) {
    if (log.size() < kLogBytes) log.append(text);
  };
  const auto end = RunWatched(spec);
  if (!end) return {};
  return {ParseCoverage(log), ParseReached(log)};
}

}  // namespace portlab
