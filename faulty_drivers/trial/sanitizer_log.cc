#include "faulty_drivers/trial/sanitizer_log.h"

#include <algorithm>
#include <array>

namespace portlab {
namespace {

constexpr std::size_t kHeadBytes = 4096;

struct Mark {
  std::string_view text;
  std::string_view tool;
};
constexpr std::array<Mark, 5> kMarks = {{
    {"ERROR: AddressSanitizer: ", "AddressSanitizer"},
    {"ERROR: LeakSanitizer: ", "LeakSanitizer"},
    {"WARNING: ThreadSanitizer: ", "ThreadSanitizer"},
    {"ERROR: ThreadSanitizer: ", "ThreadSanitizer"},
    {": runtime error: ", "UndefinedBehaviorSanitizer"},
}};

std::size_t LineBegin(std::string_view text, std::size_t at) {
  const std::size_t end = text.rfind('\n', at);
  return end == std::string_view::npos ? 0 : end + 1;
}

std::string FirstWord(std::string_view text) {
  return std::string(text.substr(0, text.find_first_of(" \n")));
}

// The summary line names the type in one word; the first line sometimes needs a sentence for it.
std::string TypeOf(std::string_view report, const Mark& mark) {
  if (mark.tool == "LeakSanitizer") return {};
  const std::string summary = "SUMMARY: " + std::string(mark.tool) + ": ";
  const std::size_t at = report.find(summary);
  if (at != std::string_view::npos) return FirstWord(report.substr(at + summary.size()));
  return FirstWord(report.substr(report.find(mark.text) + mark.text.size()));
}

}  // namespace

SanitizerReport ParseSanitizerLog(std::string_view log) {
  const Mark* first = nullptr;
  std::size_t first_at = std::string_view::npos;
  for (const Mark& mark : kMarks) {
    const std::size_t at = log.find(mark.text);
    if (at >= first_at) continue;
    first = &mark;
    first_at = at;
  }
  if (first == nullptr) return {};
  const std::string_view report = log.substr(LineBegin(log, first_at));
  return {std::string(first->tool), TypeOf(report, *first),
          std::string(report.substr(0, kHeadBytes))};
}

}  // namespace portlab
