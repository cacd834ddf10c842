// The report: what every trial did to its host, what opening a port cost, and on which machine.
//
// One value, written as JSON (json_writer.h); HTML and Markdown are made from a value that was read
// back from that JSON, so that the JSON holds all there is to see.
// Threads: values. Ownership: none. Units: stand last in each name.
// Source: design, decisions 10 to 14; isolation.md 5.1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "faulty_drivers/catalogue/entry.h"
#include "faulty_drivers/trial/outcome.h"

namespace portlab {

inline constexpr int kReportFormat = 2;

struct MachineFacts {
  std::string kernel;  // "Linux 6.1.0 x86_64"
  std::string cpu;     // as the kernel names it
  int cores = 0;       // that this process may use
  std::int64_t memory_bytes = 0;
  std::string compiler;  // of the tool
  std::string libc;
  std::string portlab;  // its version
};

struct ReportSettings {
  std::string command;  // that makes the same report again
  int patience_ms = 0;
  bool cost = true;  // whether the cost of opening was asked for
};

// A host flavour that was asked for.
struct FlavourFacts {
  Flavour flavour = Flavour::kPlain;
  bool built = false;
  std::string note;  // why it is not, and the remedy
};

// What the report tells about a catalogue entry.
struct FaultFacts {
  std::string name;
  std::string id;  // "-": not a fault, the harmless entry the others are compared with
  int cwe = 0;
  std::string title;
  std::string driver;
  std::string program;

  bool harmless() const { return id == "-"; }
  bool has(IsolationMode mode) const {
    return !(mode == IsolationMode::kInVm ? driver : program).empty();
  }
};

struct TrialRecord {
  std::string entry;
  IsolationMode mode = IsolationMode::kInVm;
  Flavour flavour = Flavour::kPlain;
  bool trigger = true;
  std::optional<Outcome> outcome;  // without: the trial could not be run, `error` says why
  std::string error;
  std::vector<std::string> expected;  // keys, one of which the outcome must have
  bool met = false;
};

// One way to open a port or start a program, at one size of the calling process.
struct CostRow {
  std::string method;
  int memory_mib = 0;  // touched by the calling process beforehand; 0: as it comes
  int samples = 0;     // 0: not measured, `note` says why
  int batch = 1;       // openings in one sample
  double p10_us = 0;
  double p50_us = 0;
  double p90_us = 0;
  std::string note;
};

// How long another thread of the calling process stood still while a program was started.
struct StallRow {
  std::string method;    // "nothing": the baseline
  std::string observer;  // "writes" to pages of the touched memory, or "spins" on the clock
  int memory_mib = 0;
  int samples = 0;
  double p50_us = 0;  // of the largest gap in each start
  double p90_us = 0;
};

struct OpeningCost {
  std::uint64_t seed = 0;  // of the order of methods in each round
  std::string target;      // the program that was started
  std::vector<CostRow> rows;
  std::vector<StallRow> stalls;
  std::vector<std::string> notes;
};

struct Report {
  // Whose report it is: the file's name of a user's own driver or program, of which nothing is
  // expected; empty: the catalogue's.
  std::string subject = {};
  std::string rerun = {};  // with a subject: the command that repeats all, but for --only
  std::string made_at;     // UTC, "2025-01-31 12:34:56"
  double duration_ms = 0;
  MachineFacts machine;
  ReportSettings settings;
  std::vector<FlavourFacts> flavours;
  std::vector<FaultFacts> faults;
  std::vector<TrialRecord> trials;
  std::optional<OpeningCost> cost;
  std::string cost_note;  // why there is no `cost`
};

}  // namespace portlab
