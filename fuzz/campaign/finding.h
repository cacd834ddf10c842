// A finding: one bucket, the smallest input that leads there, and what is known about it.
//
// Threads: values. Ownership: values. Units: execs are inputs run in the campaign. Errors: general,
// for JSON that is none of ours. Source: fuzzing.md 6.4.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/crash/bucket.h"
#include "portlab/error.h"

namespace portlab {

enum class FindingStatus {
  kNew,    // found for the first time in this campaign
  kKnown,  // of an earlier campaign in the same folder, and still there
  kFixed,  // of an earlier campaign, and no longer there
};
std::string_view StatusName(FindingStatus status);  // "NEW", "KNOWN", "FIXED"

struct InputSize {
  std::uint64_t bytes = 0;
  std::uint64_t operations = 0;
};

struct Finding {
  std::string id;
  Bucket bucket;
  std::string tool;               // CrashReport's
  std::string sentence;           // CrashReport's
  std::vector<StackFrame> stack;  // of the user's code, topmost first; portlab's if there is none
  int operation = -1;             // the one that fails in the minimised input
  std::string operation_text;
  InputSize original;
  InputSize minimised;
  std::uint64_t history = 0;  // inputs that must be run before it, in the same process
  int reproduced = 0;         // of `tries`
  int tries = 0;
  FindingStatus status = FindingStatus::kNew;
  std::uint64_t times_seen = 1;
  std::uint64_t first_exec = 0;
  std::uint64_t seed = 0;  // of the run that found it
  std::string first_seen;  // UTC, ISO 8601

  // "store_record planted_drv.c:71"; empty: no stack
  std::string Where() const;
  bool fails() const { return status != FindingStatus::kFixed; }
};

nlohmann::json FindingToJson(const Finding& finding);
Result<Finding> FindingFromJson(const nlohmann::json& json);

// How sure it is: "deterministic", "flaky", or "needs-history": alone it does nothing.
std::string_view VerdictOf(const Finding& finding);
// "deterministic 3/3", "flaky 2/10", "needs-history (2 inputs) 3/3".
std::string ReproductionInWords(const Finding& finding);

}  // namespace portlab
