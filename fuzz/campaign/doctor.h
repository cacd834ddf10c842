// Looks at a driver before anything is fuzzed: can it be loaded, was it compiled so that fuzzing it
// means something? A driver without instrumentation "fuzzes" just as happily, and finds nothing.
//
// Threads: pure. Ownership: values; the driver is read, never loaded. Errors: none; what is wrong
// is the diagnosis. Source: fuzzing.md 0.4, 0.5, 5.1, 5.2.
#pragma once

#include <string>
#include <vector>

namespace portlab {

struct Diagnosis {
  struct Problem {
    std::string rule;  // "no-coverage"
    std::string text;  // one sentence: what was seen
    // The driver would not load at all; otherwise --guarded runs it.
    bool fatal = false;
  };
  std::vector<Problem> problems;
  std::vector<std::string> warnings;
  bool has_coverage = false;
  bool has_asan = false;

  bool fatal() const;
};

Diagnosis ExamineDriver(const std::string& path);

// How a driver is to be compiled, for messages and manuals: one line.
std::string CompileLine(const std::string& path);

// The lines to print for a driver that is not fuzzed.
std::string RefusalText(const std::string& path, const Diagnosis& diagnosis);

}  // namespace portlab
