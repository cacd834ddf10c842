// The crashes that a campaign has seen, as it hands them to a host that outlives what it fuzzes:
// such a host need not end for one of them. A fault that every other input shows would else end run
// after run before anything new is met.
//
// The list is a file with one BucketId a line. A finding of a sanitizer is listed by the ids of its
// buckets without names (Symbols::kAddresses), as that is what the host can see in time.
//
// Threads: values. Ownership: values. Errors: a list that cannot be read is no list: all is new.
// Source: fuzzing.md 5.7.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/crash/stack_frame.h"

namespace portlab {

class KnownCrashes {
 public:
  KnownCrashes() = default;
  KnownCrashes(const std::string& file, TracedModules modules);

  // Of the crash that `log` tells of; empty: it tells of none.
  std::string IdOf(std::string_view log) const;
  bool Has(const std::string& id) const { return ids_.contains(id); }

 private:
  std::set<std::string> ids_;
  TracedModules modules_;
};

// What KnownCrashes reads.
std::string KnownCrashesText(const std::vector<std::string>& ids);

// The line with which a host says that it met one, and went on; and what it says. An empty id: the
// line says something else.
std::string KnownCrashLine(const std::string& id);
std::string KnownCrashIn(std::string_view line);

}  // namespace portlab
