// What a host wrote to stderr before it died, taken apart: what happened, where, in which
// operation.
//
// It knows AddressSanitizer, LeakSanitizer, UndefinedBehaviorSanitizer, libFuzzer's own findings
// (timeout, out of memory, deadly signal, exit), and portlab's: FOUND lines, contract reports,
// guard reports, and how a program ended that said nothing itself. The first one in the log counts;
// what follows from it does not.
//
// Threads: pure. Ownership: values. Errors: none; a log without any of these gives nullopt.
// Source: fuzzing.md 6.5; the sample reports in crash_report_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/crash/stack_frame.h"

namespace portlab {

struct StackTrace {
  std::string title;  // "freed by thread T0 here:"; empty for the trace of the fault itself
  std::vector<StackFrame> frames;
};

struct CrashReport {
  std::string tool;  // "asan", "lsan", "ubsan", "contract", "guard", "program", "libfuzzer", "host"
  std::string kind;  // "heap-buffer-overflow", "shift-exponent", "timeout", "signal-11", …
  std::string access;       // "READ", "WRITE" or empty
  std::uint64_t bytes = 0;  // of that access; 0: the report does not say
  std::string sentence;     // the report's own first line, without addresses' company
  StackTrace stack;
  std::vector<StackTrace> related;  // where the block was freed, where it was allocated
  int operation = -1;               // index of the operation in flight; -1: not told
  std::string operation_text;       // "control p0 4 \"\""
  std::string answered;             // by a program, to the packet in flight: "nothing", …
  std::string text;                 // the report as it was printed
};

std::optional<CrashReport> ParseCrashReport(std::string_view log);

// For a process that died and said nothing: "killed by SIGSEGV".
CrashReport SilentDeath(const std::string& kind, const std::string& sentence);

}  // namespace portlab
