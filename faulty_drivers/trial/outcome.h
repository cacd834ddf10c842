// What a fault did to the host: the Outcome of one trial, and its verdict. "Outcome" is what
// untrusted code did; a trial that could not be run at all is an Error instead.
//
// Threads: values. Units: stand last in each name. Source: design, decision 12; isolation.md 5.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace portlab {

enum class Verdict {
  kClean,      // nothing happened: what a trial with the trigger off must say
  kContained,  // the faulty port is gone; host, other ports and resources are as before
  kDegraded,   // the host lives, but something is stuck, leaked or changed
  kHostDown,   // the host ended
};
std::string_view VerdictName(Verdict verdict);

// One question to a bystander.
struct LatencySample {
  double at_ms = 0;       // when it was asked, from the trigger on; negative: before
  double latency_ms = 0;  // how long its answer took longer than it must
  bool answered = true;   // false: not until the end; the latency is its age then
};

// One bystander: something that lives in the host beside the faulty port and ought not to notice.
struct Bystander {
  std::string name;         // "echo port", "heartbeat", "pipe port"
  bool answered = false;    // after the fault, within the patience of the trial
  double worst_gap_ms = 0;  // longest time without an answer, from the trigger to the end
  // Of the latencies from the trigger on.
  double p50_ms = 0;
  double p99_ms = 0;
  double worst_ms = 0;
  // The curve, oldest first: a bounded number, in which the maxima are kept. Only the last may be
  // unanswered.
  std::vector<LatencySample> samples = {};
};

// One kind of state of the host's that is no longer what it was before the port was opened.
struct Drift {
  std::string what;      // "cwd", "umask", …: drift.h
  std::string sentence;  // from what to what, for people
};

// What the host held before the port was opened and after it was closed.
struct Retained {
  std::int64_t memory_bytes = 0;
  std::int64_t peak_memory_bytes = 0;  // highest above the start, at any moment
  int fds = 0;
  int threads = 0;
  int port_count = 0;
  int driver_blocks = 0;  // driver_alloc without driver_free
  int binaries = 0;       // driver binaries that somebody still counts on
};

struct Outcome {
  Verdict verdict = Verdict::kClean;
  // The machine-readable first cause, what expectations name:
  //   clean | contained:exit_status:139 | contained:closed:normal | contained:closed |
  //   contained:unresponsive | contained:inside | contained:outlives_port |
  //   degraded:stuck | degraded:memory | degraded:flood |
  //   degraded:leak:LeakSanitizer | degraded:fds | degraded:threads | degraded:ports |
  //   degraded:blocks | degraded:binaries | degraded:drift:cwd | degraded:bystander |
  //   host_down:signal:SIGSEGV | host_down:exit:0 | host_down:sanitizer:SEGV |
  //   host_down:guard:use-after-free | host_down:contract | host_down:hung
  std::string key = "clean";
  std::string how_host_ended;  // "said goodbye, exited 0", "killed by SIGSEGV", "exited 0 without a
                               // goodbye"
  std::string port_ended;      // what the owner saw: "{exit_status,139}", "EXIT normal", "nothing"
  std::string what;            // one sentence for people: what is stuck, leaked or changed
  std::string last_callback;   // from the black box
  std::string last_api_call;
  std::string sanitizer_report;  // head of it, empty without
  std::string stderr_tail;
  std::vector<Bystander> bystanders;
  std::vector<Drift> drift;
  // Blocks that a guarded host could not guard: too many lived at once.
  std::int64_t unguarded_blocks = 0;
  int port_count_before = 0;
  int port_count_after = 0;  // -1: the host could not be asked
  Retained retained;         // zeros when the host could not be asked
  double detection_ms =
      -1;  // from the trigger to the first sign (host's end, port's end, stuck scheduler); -1: none
  double duration_ms = 0;
};

void to_json(nlohmann::json& json, const Outcome& outcome);
void from_json(const nlohmann::json& json, Outcome& outcome);

}  // namespace portlab
