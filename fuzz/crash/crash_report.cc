#include "fuzz/crash/crash_report.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace portlab {
namespace {

constexpr std::size_t kTextBytes = 24 * 1024;

struct Mark {
  std::string_view text;
  std::string_view tool;
};
constexpr std::array<Mark, 9> kMarks = {{{"ERROR: AddressSanitizer: ", "asan"},
                                         {"ERROR: LeakSanitizer: ", "lsan"},
                                         {": runtime error: ", "ubsan"},
                                         {"ERROR: libFuzzer: ", "libfuzzer"},
                                         {"portlab: FOUND: ", "contract"},
                                         {"portlab: host stopped: ", "contract"},
                                         {"portlab: GUARD: ", "guard"},
                                         {"portlab: PROGRAM: ", "program"},
                                         {"FOUND: ", "contract"}}};

std::string_view LineAt(std::string_view text, std::size_t at) {
  return text.substr(at, text.find('\n', at) - at);
}

std::size_t LineBegin(std::string_view text, std::size_t at) {
  const std::size_t end = text.rfind('\n', at);
  return end == std::string_view::npos ? 0 : end + 1;
}

std::string FirstWord(std::string_view text) {
  return std::string(text.substr(0, text.find_first_of(" \n:")));
}

// The trace that begins at or after `at`; moves `at` behind it.
StackTrace TakeTrace(std::string_view text, std::size_t& at) {
  StackTrace trace;
  std::string_view before;
  while (at < text.size()) {
    const std::string_view line = LineAt(text, at);
    const auto frame = ParseStackFrame(line);
    if (!frame && !trace.frames.empty()) break;
    if (frame) {
      if (trace.frames.empty()) trace.title = before;
      trace.frames.push_back(*frame);
    }
    before = line;
    at += line.size() + 1;
  }
  return trace;
}

// A recursion that overflowed the stack shows the same frames again and again.
void CollapseRecursion(std::vector<StackFrame>& frames) {
  for (std::size_t length = 1; length <= 4; ++length) {
    for (std::size_t i = 0; i + 2 * length <= frames.size();) {
      const auto first = frames.begin() + static_cast<std::ptrdiff_t>(i);
      const auto next = first + static_cast<std::ptrdiff_t>(length);
      const auto end = next + static_cast<std::ptrdiff_t>(length);
      const auto same = [](const StackFrame& a, const StackFrame& b) {
        return a.function == b.function && a.module == b.module &&
               (!a.function.empty() || a.offset == b.offset);
      };
      if (std::equal(first, next, next, end, same)) {
        frames.erase(next, end);
      } else {
        ++i;
      }
    }
  }
}

// The summary line names the kind in one word; the first line sometimes needs a sentence for it.
std::string SummaryWord(std::string_view report, std::string_view tool) {
  const std::string summary = "SUMMARY: " + std::string(tool) + ": ";
  const std::size_t at = report.find(summary);
  return at == std::string_view::npos ? "" : FirstWord(report.substr(at + summary.size()));
}

std::string AsanKind(std::string_view report, std::string_view rest) {
  std::string kind = SummaryWord(report, "AddressSanitizer");
  if (kind.empty()) kind = FirstWord(rest.starts_with("attempting ") ? rest.substr(11) : rest);
  if (kind == "SEGV" && report.find("address points to the zero page") != std::string_view::npos) {
    return "null-dereference";
  }
  return kind;
}

std::string LibFuzzerKind(std::string_view rest) {
  if (rest.starts_with("timeout")) return "timeout";
  if (rest.starts_with("out-of-memory")) return "out-of-memory";
  if (rest.starts_with("deadly signal")) return "deadly-signal";
  if (rest.starts_with("fuzz target exited")) return "exit-called";
  return FirstWord(rest);
}

std::string KindOf(std::string_view tool, std::string_view report, std::string_view rest) {
  if (tool == "asan") return AsanKind(report, rest);
  if (tool == "lsan") return "memory-leak";
  if (tool == "libfuzzer") return LibFuzzerKind(rest);
  if (tool == "ubsan") {
    const std::string word = SummaryWord(report, "UndefinedBehaviorSanitizer");
    return word.empty() ? "undefined-behavior" : word;
  }
  // "<rule>: <sentence>"; without a rule, the sentence is one.
  const std::string_view line = LineAt(rest, 0);
  const std::size_t colon = line.find(": ");
  const std::string_view rule = line.substr(0, colon);
  if (colon == std::string_view::npos || rule.find(' ') != std::string_view::npos) {
    return tool == "contract" ? "contract" : std::string(tool);
  }
  return std::string(rule);
}

std::string AccessOf(std::string_view report) {
  for (const std::string_view word : {"READ", "WRITE"}) {
    const std::string sized = "\n" + std::string(word) + " of size ";
    const std::string signal = "caused by a " + std::string(word) + " memory access";
    if (report.find(sized) != std::string_view::npos) return std::string(word);
    if (report.find(signal) != std::string_view::npos) return std::string(word);
  }
  return {};
}

// "READ of size 4 at"; 0: there is no such line.
std::uint64_t AccessBytes(std::string_view report, std::string_view access) {
  if (access.empty()) return 0;
  const std::string sized = "\n" + std::string(access) + " of size ";
  const std::size_t at = report.find(sized);
  std::uint64_t bytes = 0;
  if (at == std::string_view::npos) return 0;
  std::from_chars(report.data() + at + sized.size(), report.data() + report.size(), bytes);
  return bytes;
}

// "portlab: in operation 3: control p0 4", counted from 0, wherever it stands; else the last
// "portlab: operation 4: …", counted from 1, before the report: the host was asked to trace.
void FindOperation(std::string_view log, std::size_t report_at, CrashReport& report) {
  constexpr std::string_view kIn = "portlab: in operation ";
  constexpr std::string_view kTraced = "portlab: operation ";
  std::size_t at = log.rfind(kIn);
  const bool told = at != std::string_view::npos;
  if (!told) at = log.substr(0, report_at).rfind(kTraced);
  if (at == std::string_view::npos) return;
  const std::string_view line = LineAt(log, at).substr(told ? kIn.size() : kTraced.size());
  int number = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  if (error != std::errc()) return;
  report.operation = told ? number : number - 1;
  const std::size_t colon = line.find(": ");
  if (colon != std::string_view::npos) report.operation_text = line.substr(colon + 2);
}

// "portlab: answered: part of an answer"
std::string AnsweredOf(std::string_view log) {
  constexpr std::string_view kAnswered = "portlab: answered: ";
  const std::size_t at = log.rfind(kAnswered);
  if (at == std::string_view::npos) return {};
  return std::string(LineAt(log, at).substr(kAnswered.size()));
}

}  // namespace

std::optional<CrashReport> ParseCrashReport(std::string_view log) {
  const Mark* first = nullptr;
  std::size_t first_at = std::string_view::npos;
  for (const Mark& mark : kMarks) {
    const std::size_t at = log.find(mark.text);
    if (at == std::string_view::npos || LineBegin(log, at) >= first_at) continue;
    first = &mark;
    first_at = LineBegin(log, at);
  }
  if (first == nullptr) return std::nullopt;
  CrashReport report;
  report.tool = first->tool;
  const std::string_view text = log.substr(first_at);
  const std::string_view rest = text.substr(text.find(first->text) + first->text.size());
  report.text = text.substr(0, kTextBytes);
  report.sentence = LineAt(rest, 0);
  report.kind = KindOf(first->tool, text, rest);
  report.access = AccessOf(text);
  FindOperation(log, first_at, report);
  report.answered = AnsweredOf(log);
  // What follows is how the host ended, not the program.
  if (report.tool == "program") return report;
  report.bytes = AccessBytes(text, report.access);
  std::size_t at = 0;
  report.stack = TakeTrace(text, at);
  report.stack.title.clear();
  CollapseRecursion(report.stack.frames);
  while (report.related.size() < 4) {
    StackTrace trace = TakeTrace(text, at);
    if (trace.frames.empty()) break;
    report.related.push_back(std::move(trace));
  }
  return report;
}

CrashReport SilentDeath(const std::string& kind, const std::string& sentence) {
  CrashReport report;
  report.tool = "host";
  report.kind = kind;
  report.sentence = sentence;
  report.text = "portlab: " + sentence + "; nothing was printed\n";
  return report;
}

}  // namespace portlab
