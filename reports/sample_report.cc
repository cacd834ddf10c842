#include "reports/sample_report.h"

namespace portlab {
namespace {

struct Sample {
  const char* entry;
  IsolationMode mode;
  Flavour flavour;
  Verdict verdict;
  const char* key;
  const char* host;
  const char* port;
  const char* what;
};

constexpr auto kInVm = IsolationMode::kInVm;
constexpr auto kProgram = IsolationMode::kProgram;
constexpr const char* kLives = "said goodbye, exited 0";

const Sample kSamples[] = {
    {"null_write", kInVm, Flavour::kPlain, Verdict::kHostDown, "host_down:signal:SIGSEGV",
     "killed by SIGSEGV", "nothing", "the host was killed within control"},
    {"null_write", kInVm, Flavour::kAsan, Verdict::kHostDown, "host_down:sanitizer:SEGV",
     "stopped by AddressSanitizer", "nothing", "the sanitizer stopped the host"},
    {"null_write", kProgram, Flavour::kPlain, Verdict::kContained, "contained:exit_status:139",
     kLives, "{exit_status,139}", ""},
    {"null_write", kProgram, Flavour::kAsan, Verdict::kContained, "contained:exit_status:139",
     kLives, "{exit_status,139}", ""},
    {"abort", kInVm, Flavour::kPlain, Verdict::kHostDown, "host_down:signal:SIGABRT",
     "killed by SIGABRT", "nothing", "the host was killed within control"},
    {"abort", kProgram, Flavour::kPlain, Verdict::kContained, "contained:exit_status:134", kLives,
     "{exit_status,134}", ""},
    {"exit_zero", kInVm, Flavour::kPlain, Verdict::kHostDown, "host_down:exit:0",
     "exited 0 without a goodbye", "nothing", "the host ended as if all was well"},
    {"exit_zero", kProgram, Flavour::kPlain, Verdict::kContained, "contained:exit_status:0", kLives,
     "{exit_status,0}", ""},
    {"infinite_loop", kInVm, Flavour::kPlain, Verdict::kDegraded, "degraded:stuck", kLives,
     "nothing", "one of 2 schedulers is stuck in control"},
    {"infinite_loop", kProgram, Flavour::kPlain, Verdict::kContained, "contained:closed:normal",
     kLives, "EXIT normal", ""},
    {"memory_leak", kInVm, Flavour::kPlain, Verdict::kDegraded, "degraded:memory", kLives,
     "EXIT normal", "the host keeps 64 MiB"},
    {"memory_leak", kProgram, Flavour::kPlain, Verdict::kContained, "contained:closed:normal",
     kLives, "EXIT normal", ""},
    {"echo", kInVm, Flavour::kPlain, Verdict::kClean, "clean", kLives, "EXIT normal", ""},
    {"echo", kProgram, Flavour::kPlain, Verdict::kClean, "clean", kLives, "EXIT normal", ""},
    {"heap_overflow", kInVm, Flavour::kPlain, Verdict::kHostDown, "host_down:signal:SIGABRT",
     "killed by SIGABRT", "nothing", "the host was killed long after the fault"},
    {"heap_overflow", kInVm, Flavour::kGuarded, Verdict::kHostDown, "host_down:guard:heap-overflow",
     "killed by SIGSEGV", "nothing", "write 1 bytes past the end of the 64-byte block"},
    {"heap_overflow", kProgram, Flavour::kPlain, Verdict::kContained, "contained:exit_status:134",
     kLives, "{exit_status,134}", ""},
    {"umask", kInVm, Flavour::kPlain, Verdict::kDegraded, "degraded:drift:umask", kLives,
     "EXIT normal", "the host is not what it was: the umask: from 0022 to 0777"},
    {"umask", kInVm, Flavour::kGuarded, Verdict::kDegraded, "degraded:drift:umask", kLives,
     "EXIT normal", "the host is not what it was: the umask: from 0022 to 0777"},
    {"umask", kProgram, Flavour::kPlain, Verdict::kContained, "contained:inside", kLives,
     "EXIT normal", ""},
    {"pipe_holder", kProgram, Flavour::kPlain, Verdict::kContained, "contained:exit_status:0",
     kLives, "{exit_status,0}", ""},
};

// Asked every 20 ms; with `stops`, answered for the last time 150 ms after the trigger.
void AddCurve(Bystander& bystander, double latency_ms, bool stops) {
  for (int i = -5; i < 60; ++i) {
    const double at = i * 20.0 + 0.125;
    const bool answered = !stops || at < 150;
    bystander.samples.push_back(
        {at, answered ? latency_ms * (1 + i % 3 * 0.25) : 1200 - at, answered});
    if (!answered) break;
  }
  bystander.p50_ms = latency_ms;
  bystander.p99_ms = latency_ms * 1.5;
  bystander.worst_ms = stops ? 1200 - 160.125 : latency_ms * 1.5;
}

Outcome OutcomeOf(const Sample& sample) {
  Outcome outcome;
  outcome.verdict = sample.verdict;
  outcome.key = sample.key;
  outcome.how_host_ended = sample.host;
  outcome.port_ended = sample.port;
  outcome.what = sample.what;
  outcome.last_callback = sample.mode == kInVm ? "control" : "ready_input";
  outcome.last_api_call = sample.mode == kInVm ? "" : "driver_output";
  const bool down = sample.verdict == Verdict::kHostDown;
  const bool stuck = outcome.key == "degraded:stuck";
  outcome.bystanders = {{"echo port", !down,
                         down    ? 0
                         : stuck ? 41.0
                                 : 1.2},
                        {"heartbeat", !down && !stuck, down || stuck ? 0 : 0.8},
                        {"pipe port", !down,
                         down    ? 0
                         : stuck ? 180.0
                                 : 2.9}};
  for (Bystander& bystander : outcome.bystanders) {
    if (!down) AddCurve(bystander, bystander.worst_gap_ms / 20 + 0.01, !bystander.answered);
  }
  if (outcome.key == "degraded:drift:umask") {
    outcome.drift = {{"umask", "the umask: from 0022 to 0777"}};
    outcome.unguarded_blocks = sample.flavour == Flavour::kGuarded ? 12 : 0;
  }
  outcome.port_count_before = 3;
  outcome.port_count_after = down ? -1 : stuck ? 4 : 3;
  if (outcome.key == "degraded:memory") outcome.retained.memory_bytes = 64 << 20;
  outcome.retained.peak_memory_bytes = outcome.retained.memory_bytes + 300'000;
  outcome.detection_ms = sample.verdict == Verdict::kClean ? -1 : stuck ? 1002 : 3.4;
  outcome.duration_ms = 1700;
  if (sample.flavour == Flavour::kAsan && down) {
    outcome.sanitizer_report =
        "==4711==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000000\n"
        "    #0 0x7f3a in control null_write_in_control_drv.c:22:5\n";
  }
  if (down) outcome.stderr_tail = "host: control of null_write\n";
  return outcome;
}

OpeningCost SampleCost() {
  OpeningCost cost;
  cost.seed = 20250131;
  cost.target = "opening_cost_target (static)";
  cost.rows = {{"linked-in driver", 64, 200, 64, 0.31, 0.36, 0.52, "open and close of a port"},
               {"program through the spawn server", 64, 200, 1, 78, 96, 160, ""},
               {"vfork + exec", 64, 200, 1, 47, 55, 90, ""},
               {"posix_spawn", 64, 200, 1, 73, 84, 120, ""},
               {"fork + exec", 64, 200, 1, 1'150, 1'300, 2'100, ""},
               {"OTP: linked-in driver", 0, 0, 1, 0, 0, 0, "erl not found"},
               {"linked-in driver", 2048, 90, 64, 0.31, 0.37, 0.6, ""},
               {"program through the spawn server", 2048, 90, 1, 82, 104, 190, ""},
               {"vfork + exec", 2048, 90, 1, 54, 86, 123, ""},
               {"posix_spawn", 2048, 90, 1, 88, 99, 150, ""},
               {"fork + exec", 2048, 90, 1, 62'000, 71'000, 81'000, ""}};
  for (const int mib : {64, 2048}) {
    cost.stalls.push_back({"nothing", "writes", mib, 100, 1.4, 4.8});
    cost.stalls.push_back({"vfork + exec", "writes", mib, 100, 1.6, 6.0});
    cost.stalls.push_back({"fork + exec", "writes", mib, 100, mib == 64 ? 634.0 : 31'500, 46'400});
    cost.stalls.push_back({"nothing", "spins", mib, 100, 0.2, 0.8});
    cost.stalls.push_back({"fork + exec", "spins", mib, 100, mib == 64 ? 14.0 : 23'800, 36'000});
  }
  return cost;
}

}  // namespace

Report SampleReport() {
  Report report;
  report.made_at = "2025-01-31 12:34:56";
  report.duration_ms = 96'000;
  report.machine = {"Linux 6.1.0 x86_64", "Example CPU at 3 GHz", 2,      std::int64_t{24} << 30,
                    "g++ 12.2.0",         "glibc 2.36",           "0.1.0"};
  report.settings = {"./lab report --out portlab-report", 1500, true};
  report.flavours = {
      {Flavour::kPlain, true, ""}, {Flavour::kGuarded, true, ""}, {Flavour::kAsan, true, ""}};
  report.faults = {
      {"null_write", "A1", 476, "writes through a null pointer", "null_write_in_control_drv",
       "null_write_program"},
      {"abort", "D3", 617, "calls abort()", "abort_in_control_drv", "abort_program"},
      {"exit_zero", "D1", 382, "calls exit(0)", "exit_zero_in_control_drv", "exit_zero_program"},
      {"infinite_loop", "C1", 835, "never returns", "infinite_loop_in_control_drv",
       "infinite_loop_program"},
      {"memory_leak", "B1", 401, "leaks 4 KiB with every command", "memory_leak_in_output_drv",
       "memory_leak_program"},
      {"echo", "-", 0, "does nothing wrong", "echo_drv", "echo_program"},
      {"heap_overflow", "A3", 787, "writes past the end of a block", "heap_overflow_in_output_drv",
       "heap_overflow_program"},
      {"umask", "F3", 276, "changes the umask", "umask_in_control_drv", "umask_program"},
      {"pipe_holder", "I2", 404, "leaves a child that holds its pipe", "", "pipe_holder_program"}};
  for (const Sample& sample : kSamples) {
    TrialRecord trial{sample.entry,      sample.mode, sample.flavour, true,
                      OutcomeOf(sample), "",          {sample.key},   true};
    report.trials.push_back(trial);
    trial.trigger = false;
    trial.outcome = OutcomeOf({sample.entry, sample.mode, sample.flavour, Verdict::kClean, "clean",
                               kLives, "EXIT normal", ""});
    trial.expected = {"clean"};
    report.trials.push_back(trial);
  }
  report.cost = SampleCost();
  return report;
}

}  // namespace portlab
