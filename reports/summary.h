// What a report says in short: the counts behind its headline, and how figures are written for
// people. Used by every writer and by the tool's closing table, so that they say the same.
//
// Threads: any. Ownership: pointers point into the report. Errors: none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reports/report.h"

namespace portlab {

// Of the faults (the harmless entries are not counted) in one mode and flavour, trigger on.
struct VerdictCounts {
  int tried = 0;
  int host_down = 0;
  int degraded = 0;
  int contained = 0;
  int clean = 0;
};

const TrialRecord* FindTrial(const Report& report, std::string_view entry, IsolationMode mode,
                             Flavour flavour, bool trigger);
VerdictCounts CountVerdicts(const Report& report, IsolationMode mode, Flavour flavour);

// The columns of the matrix: modes with at least one trial, and flavours that were asked for.
std::vector<IsolationMode> ModesOf(const Report& report);
std::vector<Flavour> FlavoursOf(const Report& report);
// The flavour whose counts make the headline: plain when it was tried.
Flavour HeadlineFlavour(const Report& report);
bool IsBuilt(const Report& report, Flavour flavour);

// "4 of 6 faults took the host down as linked-in drivers; 0 of 6 as programs."
std::string Headline(const Report& report);
// "linked-in drivers" / "programs".
std::string_view ModeInWords(IsolationMode mode);

int CountUnmet(const Report& report);
// "All 64 trials did what the catalogue says." or which number did not.
std::string ExpectationLine(const Report& report);

// "./lab report --fault NAME --mode MODE"
std::string RerunCommand(std::string_view entry, IsolationMode mode);

// "clean", "host_down", …; "not run" for a trial without an outcome, "not tried" for null.
std::string VerdictText(const TrialRecord* trial);

std::string BytesInWords(std::int64_t bytes);  // "0 B", "512 KiB", "1.5 GiB"
std::string MillisecondsInWords(double ms);    // "-" below 0, "0.4 ms", "12 ms", "1.50 s"
std::string MicrosecondsInWords(double us);    // "0.052 µs", "48 µs", "62.4 ms", "1.2 s"
std::string MemoryInWords(int mib);            // "64 MiB", "2 GiB", "its own" for 0

// Control characters made visible (U+2400 …), but for line breaks and tabs: what a driver or a
// program printed must move neither a cursor nor a parser.
std::string Printable(std::string_view text);
// The same in one line: line breaks and tabs become blanks.
std::string OneLine(std::string_view text);

}  // namespace portlab
