// Looks at a driver or program before anything is fuzzed: can it be loaded, was it compiled so that
// fuzzing it means something? A library without instrumentation "fuzzes" just as happily, and finds
// nothing.
//
// Threads: pure. Ownership: values; the file is read, never loaded. Errors: none; what is wrong
// is the diagnosis. Source: fuzzing.md 0.4, 0.5, 5.1, 5.2.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fuzz/campaign/fuzz_target.h"

namespace portlab {

struct Diagnosis {
  struct Problem {
    std::string rule;  // "no-coverage"
    std::string text;  // one sentence: what was seen
    // It would not load at all; otherwise --guarded runs it, when it is a driver.
    bool fatal = false;
  };
  std::vector<Problem> problems;
  std::vector<std::string> warnings;
  bool has_coverage = false;
  bool has_asan = false;

  bool fatal() const;
};

// A program has no problems: as it is, it can be started, or the kernel says why not.
Diagnosis Examine(TargetKind kind, const std::string& path);

// What is behind --program: a library with the packet loop, or a program; nullopt: neither.
std::optional<TargetKind> ProgramKindOf(const std::string& path);

// How it is to be compiled, for messages and manuals: one line.
std::string CompileLine(TargetKind kind, const std::string& path);

// The lines to print for what is not fuzzed.
std::string RefusalText(TargetKind kind, const std::string& path, const Diagnosis& diagnosis);

}  // namespace portlab
