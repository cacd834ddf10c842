#include "faulty_drivers/trial/host_end.h"

#include "base/black_box.h"
#include "driver/guarded_memory.h"
#include "driver_api/api_functions.h"
#include "faulty_drivers/trial/host_command.h"
#include "faulty_drivers/trial/sanitizer_log.h"

namespace portlab {
namespace {

std::string SignalName(int number) {
  const char* name = ::sigabbrev_np(number);
  return name != nullptr ? "SIG" + std::string(name) : "signal " + std::to_string(number);
}

// The line the host gave as its reason, without its own name in front.
std::string RefusalIn(const std::string& stderr_tail) {
  std::string line = stderr_tail.substr(0, stderr_tail.find('\n'));
  constexpr std::string_view kPrefix = "portlab-host: ";
  if (line.starts_with(kPrefix)) line.erase(0, kPrefix.size());
  return line;
}

bool Refused(const SupervisedEnd& end, const LastWords& words) {
  return end.status.exited(kExitBadInput) && !words.goodbye &&
         (words.phase == TrialPhase::kRefused || words.phase == TrialPhase::kNone);
}

// The kind of a guarded host's report, "heap-overflow" of "guard:heap-overflow: …"; empty: none. It
// goes with a signal: who was not killed after it, went on, and ended of something else.
std::string GuardKind(const SupervisedEnd& end, const LastWords& words) {
  if (!end.status.signaled() || !words.message.starts_with(kGuardMark)) return {};
  const std::string kind = words.message.substr(kGuardMark.size());
  return kind.substr(0, kind.find(':'));
}

// "host_down:" and how; nullopt: the host ended as it should.
std::optional<std::string> DownKey(const SupervisedEnd& end, const LastWords& words,
                                   const SanitizerReport& report) {
  if (end.cause == SupervisedEnd::kTimeLimit) return "host_down:hung";
  if (const std::string kind = GuardKind(end, words); !kind.empty()) {
    return "host_down:guard:" + kind;
  }
  if (end.status.signaled()) return "host_down:signal:" + SignalName(end.status.signal());
  const int code = end.status.exit_code();
  if (code == kExitContract) return "host_down:contract";
  if (code == kExitSanitizer && !report.tool.empty()) {
    // Leaks are found when a host ends as it should; they are no reason for its end.
    if (report.tool == "LeakSanitizer" && words.goodbye) return std::nullopt;
    return "host_down:sanitizer:" + (report.type.empty() ? report.tool : report.type);
  }
  if (words.goodbye && code == 0) return std::nullopt;
  return "host_down:exit:" + std::to_string(code);
}

std::string HowEnded(const SupervisedEnd& end, const LastWords& words) {
  if (end.cause == SupervisedEnd::kTimeLimit) return "never ended, and was killed";
  std::string how = end.status.ToString();
  if (!end.status.exited()) return how;
  return words.goodbye ? "said goodbye, " + how : how + " without a goodbye";
}

// A host that says it has reported, and whose result is nowhere: it wrote to a descriptor that was
// no longer what it had been.
Outcome ResultLost() {
  Outcome outcome;
  outcome.verdict = Verdict::kDegraded;
  outcome.key = "degraded:fds";
  outcome.what = "the host lost its file descriptors, the one for this result among them";
  outcome.port_count_after = -1;
  return outcome;
}

void SetDown(Outcome& outcome, std::string key, const LastWords& words, double detection_ms) {
  outcome.verdict = Verdict::kHostDown;
  outcome.key = std::move(key);
  outcome.port_count_after = -1;
  outcome.detection_ms = detection_ms;
  outcome.what =
      "the host " + outcome.how_host_ended + ", " + std::string(TrialPhaseName(words.phase));
  if (words.in_callback) outcome.what += std::string(", inside ") + CallbackName(words.callback);
  if (!words.message.empty()) outcome.what += ": " + words.message;
}

}  // namespace

Result<Outcome> JudgeHostEnd(const SupervisedEnd& end, const LastWords& words,
                             std::optional<Outcome> reported, double detection_ms) {
  if (Refused(end, words)) return Fail(Error::BadArg(RefusalIn(end.stderr_tail)));
  const SanitizerReport report = ParseSanitizerLog(end.stderr_tail);
  const std::optional<std::string> down = DownKey(end, words, report);
  if (!down && !reported && words.phase == TrialPhase::kReported) reported = ResultLost();
  if (!down && !reported) {
    return Fail(Error::General("the host ended as it should but wrote no result; its stderr: " +
                               end.stderr_tail));
  }
  Outcome outcome = reported.value_or(Outcome{});
  outcome.how_host_ended = HowEnded(end, words);
  outcome.last_callback = CallbackName(words.callback);
  outcome.last_api_call = ApiFunctionName(words.api_call);
  outcome.sanitizer_report = report.head;
  outcome.stderr_tail = end.stderr_tail;
  outcome.duration_ms = static_cast<double>(end.wall) / kMillisecond;
  if (down) {
    SetDown(outcome, *down, words, detection_ms);
  } else if (report.tool == "LeakSanitizer" && outcome.key != "degraded:stuck") {
    outcome.verdict = Verdict::kDegraded;
    outcome.key = "degraded:leak:LeakSanitizer";
    outcome.what = "the driver lost memory that nothing refers to any more";
  }
  return outcome;
}

}  // namespace portlab
