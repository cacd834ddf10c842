#include "fuzz/campaign/fuzz_target.h"

#include <algorithm>

#include "fuzz/campaign/files.h"
#include "launch/supervised_child.h"

namespace portlab {
namespace {

// For starting the host, and for a report with symbols, on a busy machine.
constexpr int kPatienceSeconds = 30;
constexpr int kReportSeconds = 60;
constexpr std::size_t kLogBytes = 256 * 1024;

constexpr std::string_view kRunning = "Running: ";

// libFuzzer says which file it runs before it does.
std::size_t LastRunning(const std::string& log, const std::vector<std::string>& files) {
  const std::size_t at = log.rfind(kRunning);
  if (at == std::string::npos) return 0;
  const std::size_t begin = at + kRunning.size();
  const std::string name = log.substr(begin, log.find('\n', begin) - begin);
  const auto found = std::ranges::find(files, name);
  return found == files.end() ? 0 : static_cast<std::size_t>(found - files.begin());
}

constexpr const char* kIgnoreRemaining = "-ignore_remaining_args=1";

// A program's time is the host's business: a sanitizer's report does not count.
int PatienceWith(const FuzzTarget& target) {
  const bool program = target.kind == TargetKind::kProgram;
  return target.timeout_s + (program ? kReportSeconds : 0);
}

std::vector<std::string> ProgramTail(const FuzzTarget& target) {
  std::vector<std::string> tail = {kIgnoreRemaining, "--program=" + target.file,
                                   FramingFlag(target.framing)};
  if (target.kind == TargetKind::kLibrary) return tail;
  tail.push_back("--timeout=" + std::to_string(target.timeout_s));
  tail.push_back("--memory-mb=" + std::to_string(target.memory_mb));
  for (const int status : target.ok_exits) tail.push_back("--ok-exit=" + std::to_string(status));
  for (const std::string& arg : target.args) tail.push_back("--arg=" + arg);
  return tail;
}

bool AllExecuted(const std::string& log, const std::string& last) {
  return log.find("Executed " + last + " in ") != std::string::npos;
}

}  // namespace

std::string_view KindName(TargetKind kind) {
  switch (kind) {
    case TargetKind::kDriver:
      return "driver";
    case TargetKind::kLibrary:
      return "library";
    case TargetKind::kProgram:
      return "program";
  }
  return "?";
}

std::string_view NounOf(TargetKind kind) {
  return kind == TargetKind::kDriver ? "driver" : "program";
}

std::string_view HostNameOf(TargetKind kind) {
  switch (kind) {
    case TargetKind::kDriver:
      return "portlab-host-fuzz";
    case TargetKind::kLibrary:
      return "portlab-host-fuzz-program";
    case TargetKind::kProgram:
      return "portlab-host-fuzz-child";
  }
  return "?";
}

std::vector<std::string> HostFlags(const FuzzTarget& target, const std::string& artifacts) {
  return {"-artifact_prefix=" + artifacts + "/",
          "-error_exitcode=" + std::to_string(kHostFound),
          "-detect_leaks=0",
          "-print_final_stats=1",
          "-timeout=" + std::to_string(PatienceWith(target)),
          "-rss_limit_mb=" + std::to_string(target.memory_mb)};
}

std::vector<std::string> HostTail(const FuzzTarget& target) {
  if (target.kind != TargetKind::kDriver) return ProgramTail(target);
  std::vector<std::string> tail = {kIgnoreRemaining, "--driver=" + target.file};
  if (target.guarded) tail.push_back("--guard");
  if (!target.start_args.empty()) tail.push_back("--start-args=" + target.start_args);
  if (!target.calls.empty()) tail.push_back("--calls=" + target.calls);
  return tail;
}

std::vector<std::string> HostEnvironment(Symbols symbols) {
  const std::string common =
      "exitcode=" + std::to_string(kHostFound) +
      ":abort_on_error=0:disable_coredump=1:symbolize=" + (symbols == Symbols::kNames ? "1" : "0") +
      ":stack_trace_format=\"" + kStackTraceFormat + "\"";
  return {"ASAN_OPTIONS=" + common +
              ":handle_abort=1:detect_leaks=0:allocator_may_return_null=1:detect_stack_use_after_"
              "return=1:quarantine_size_mb=16",
          "UBSAN_OPTIONS=" + common + ":halt_on_error=1:print_stacktrace=1:report_error_type=1",
          "LSAN_OPTIONS=exitcode=" + std::to_string(kHostFound)};
}

std::optional<CrashReport> CrashOf(const HostEnd& end, const std::string& log) {
  if (end.status.exited(0) && end.finished) return std::nullopt;
  if (end.status.exited(kHostInterrupted)) return std::nullopt;
  if (auto report = ParseCrashReport(log)) return report;
  if (end.time_limit) return SilentDeath("timeout", "the host did not come back in time");
  if (end.status.exited()) {
    const std::string code = std::to_string(end.status.exit_code());
    return SilentDeath("exit-" + code, "the host ended with status " + code);
  }
  return SilentDeath("signal-" + std::to_string(end.status.signal()),
                     "the host was " + end.status.ToString());
}

std::string LastWordsOf(const std::string& log) {
  std::string last;
  for (std::size_t at = 0; at < log.size();) {
    const std::size_t end = std::min(log.find('\n', at), log.size());
    const std::string line = log.substr(at, end - at);
    const bool says = line.find("portlab") != std::string::npos ||
                      line.find("ERROR") != std::string::npos || last.empty();
    if (!line.empty() && says) last = line;
    at = end + 1;
  }
  return last;
}

Result<InputRun> RunInputs(const FuzzTarget& target, const std::vector<std::string>& files,
                           Symbols symbols, const std::function<bool()>& cancelled) {
  const auto scratch = ScratchFolder::Make();
  if (!scratch) return Fail(scratch.error());
  SupervisedSpec spec;
  spec.file = target.host;
  spec.args = HostFlags(target, scratch->path());
  spec.args.insert(spec.args.end(), files.begin(), files.end());
  for (std::string& word : HostTail(target)) spec.args.push_back(std::move(word));
  spec.args.push_back("--trace");
  if (target.kind == TargetKind::kDriver) spec.args.push_back("--malloc");
  if (target.kind == TargetKind::kProgram) spec.args.push_back("--fresh");
  spec.environment = HostEnvironment(symbols);
  spec.time_limit = Nanos{PatienceWith(target) * 2 + kPatienceSeconds} * 1000 * kMillisecond;
  spec.stderr_limit = kLogBytes;
  const Result<SupervisedEnd> ended = RunSupervised(spec, cancelled);
  if (!ended) return Fail(ended.error());
  if (ended->cause == SupervisedEnd::kStartFailed) {
    return Fail(Error::Errno(ended->error_number, target.host + " cannot be started"));
  }
  InputRun run;
  run.log = ended->stderr_tail;
  run.cancelled = ended->cancelled || ended->status.exited(kHostInterrupted);
  if (run.cancelled) return run;
  if (ended->status.exited(kHostRefused)) return Fail(Error::General(LastWordsOf(run.log)));
  run.crash = CrashOf({ended->status, ended->cause == SupervisedEnd::kTimeLimit,
                       AllExecuted(run.log, files.back())},
                      run.log);
  if (!run.crash) return run;
  run.crashed = LastRunning(run.log, files);
  run.bucket = BucketOf(*run.crash, target.modules());
  return run;
}

Result<InputRun> RunSequence(const FuzzTarget& target, const std::vector<std::string>& inputs,
                             Symbols symbols, const std::function<bool()>& cancelled) {
  const auto scratch = ScratchFolder::Make();
  if (!scratch) return Fail(scratch.error());
  std::vector<std::string> files;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    files.push_back(scratch->path() + "/" + std::to_string(i));
    if (auto written = WriteFileWhole(files.back(), inputs[i]); !written) {
      return Fail(written.error());
    }
  }
  return RunInputs(target, files, symbols, cancelled);
}

}  // namespace portlab
