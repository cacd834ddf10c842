#include "fuzz/campaign/libfuzzer_log.h"

#include <charconv>

#include "fuzz/crash/known_crashes.h"

namespace portlab {
namespace {

constexpr std::size_t kTailBytes = 256 * 1024;
constexpr std::size_t kLineBytes = 16 * 1024;

std::uint64_t NumberAt(std::string_view text, std::size_t at, int base = 10) {
  std::uint64_t number = 0;
  while (at < text.size() && text[at] == ' ') ++at;
  std::from_chars(text.data() + at, text.data() + text.size(), number, base);
  return number;
}

// The number behind `word`; false: the line has no such word.
bool NumberAfter(std::string_view line, std::string_view word, std::uint64_t& number) {
  const std::size_t at = line.find(word);
  if (at == std::string_view::npos) return false;
  number = NumberAt(line, at + word.size());
  return true;
}

}  // namespace

void LibFuzzerLog::Add(std::string_view text) {
  tail_.append(text);
  if (tail_.size() > 2 * kTailBytes) tail_.erase(0, tail_.size() - kTailBytes);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    line_.append(text.substr(0, end));
    // A driver may print without ever ending a line.
    if (line_.size() > kLineBytes) line_.clear();
    if (end == std::string_view::npos) return;
    AddLine(line_);
    line_.clear();
    text.remove_prefix(end + 1);
  }
}

void LibFuzzerLog::AddLine(std::string_view line) {
  if (line.starts_with('#')) return ReadStatus(line);
  if (line.starts_with("INFO: Loaded ") || line.find(": driver ") != std::string_view::npos) {
    return ReadModules(line);
  }
  if (const std::string id = KnownCrashIn(line); !id.empty()) ++known_[id];
  if (line.starts_with("Done ")) finished_ = true;
  NumberAfter(line, "INFO: seed corpus: files: ", seeds_);
  NumberAfter(line, "stat::number_of_executed_units:", executed_);
  NumberAfter(line, "stat::new_units_added:", new_units_);
}

// "#1024	NEW    cov: 45 ft: 67 corp: 8/123b lim: 4 exec/s: 512 rss: 30Mb …"
void LibFuzzerLog::ReadStatus(std::string_view line) {
  const std::uint64_t executed = NumberAt(line, 1);
  if (executed > executed_) executed_ = executed;
  // Without counters of the compiler there is no " cov: ".
  NumberAfter(line, " cov: ", edges_);
  if (!NumberAfter(line, " ft: ", features_)) return;
  NumberAfter(line, " corp: ", corpus_);
  began_ = began_ || line.find("INITED") != std::string_view::npos;
}

// "portlab: driver NAME at [0x…, 0x…)" and "INFO: Loaded 2 modules   (9 inline 8-bit counters): 4
// [0x…, 0x…), 5 [0x…, 0x…), ", in either order.
void LibFuzzerLog::ReadModules(std::string_view line) {
  constexpr std::string_view kDriver = " at [0x";
  if (const std::size_t at = line.find(kDriver); at != std::string_view::npos) {
    driver_begin_ = NumberAt(line, at + kDriver.size(), 16);
    const std::size_t comma = line.find(", 0x", at);
    if (comma != std::string_view::npos) driver_end_ = NumberAt(line, comma + 4, 16);
  } else if (line.find("inline 8-bit counters): ") != std::string_view::npos) {
    modules_ = line.substr(line.find("): ") + 3);
  }
  driver_counters_ = 0;
  for (std::size_t at = 0; (at = modules_.find(" [0x", at)) != std::string::npos; at += 4) {
    const std::size_t begin = modules_.rfind(' ', at - 1);
    const std::uint64_t count = NumberAt(modules_, begin == std::string::npos ? 0 : begin + 1);
    const std::uint64_t low = NumberAt(modules_, at + 4, 16);
    if (driver_begin_ <= low && low < driver_end_) driver_counters_ += count;
  }
}

}  // namespace portlab
