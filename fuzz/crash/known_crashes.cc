#include "fuzz/crash/known_crashes.h"

#include <fstream>
#include <utility>

#include "fuzz/crash/bucket.h"

namespace portlab {
namespace {

// No mark of ParseCrashReport's is in it.
constexpr std::string_view kLine = "portlab: known: ";

}  // namespace

KnownCrashes::KnownCrashes(const std::string& file, TracedModules modules)
    : modules_(std::move(modules)) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) ids_.insert(line);
}

std::string KnownCrashes::IdOf(std::string_view log) const {
  const auto report = ParseCrashReport(log);
  return report ? BucketId(BucketOf(*report, modules_)) : "";
}

std::string KnownCrashesText(const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) text += id + "\n";
  return text;
}

std::string KnownCrashLine(const std::string& id) { return std::string(kLine) + id; }

std::string KnownCrashIn(std::string_view line) {
  return line.starts_with(kLine) ? std::string(line.substr(kLine.size())) : "";
}

}  // namespace portlab
