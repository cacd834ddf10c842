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

// The columns of the matrix: modes with at least one trial, and for each the flavours that were
// asked for and make a difference.
std::vector<IsolationMode> ModesOf(const Report& report);
std::vector<Flavour> FlavoursOf(const Report& report, IsolationMode mode);

// The faults of one class, that is, whose ids have one letter, by the number behind it.
struct FaultGroup {
  std::string name;  // "A · Memory"; "Harmless" for the entries without a fault
  std::vector<const FaultFacts*> faults;
};
// By letter; the harmless entries last.
std::vector<FaultGroup> GroupsOf(const Report& report);
VerdictCounts CountVerdicts(const Report& report, const FaultGroup& group, IsolationMode mode,
                            Flavour flavour);
// "5 host down, 1 degraded, 1 contained": those that are not zero.
std::string CountsInWords(const VerdictCounts& counts);

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
// The same for a report of either kind: with a subject "./lab isolate SUBJECT … --only NAME".
std::string RerunCommand(const Report& report, std::string_view entry, IsolationMode mode);
// As a shell takes it for one word. A report may come from elsewhere, and its commands get pasted.
std::string ShellWord(std::string_view text);

// "clean", "host_down", …; "not run" for a trial without an outcome, "not tried" for null.
std::string VerdictText(const TrialRecord* trial);
// The bystander that had to wait longest; null: there was none.
const Bystander* WorstBystander(const Outcome& outcome);

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
