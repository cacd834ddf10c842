// What a campaign comes to: figures, findings, and the exit status that follows from them.
//
// Threads: values. Units: seconds of real time; executed counts inputs. Errors: none.
// Source: fuzzing.md 6.4, 6.6.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/campaign/finding.h"
#include "fuzz/campaign/fuzz_target.h"

namespace portlab {

// fuzzing.md 6.6; the numbers are part of the tool's contract.
enum FuzzExit {
  kFuzzClean = 0,
  kFuzzFound = 1,
  kFuzzUsage = 2,
  kFuzzBadBuild = 3,  // the driver is not fit: doctor.h
  kFuzzNoWork = 4,    // green would mean nothing
  kFuzzTrouble = 5,   // the tool's own: folder, host, disk
  kFuzzInterrupted = 130,
};

struct CoveredFunction {
  std::string name;
  std::string source;  // "my_drv.c:71"
  int covered = 0;     // edges
  int edges = 0;
};

// One kind of operation, and what its port was like when it came: the words of
// fuzz/state_counters.h.
struct OperationReach {
  std::string operation;
  bool has_callback = true;          // the driver has what it leads to
  std::vector<std::string> reached;  // "gone", "open, busy", …
};
// The situations that a report has a column for.
inline constexpr const char* kSituations[] = {"gone", "open", "busy", "timer", "queue", "closing"};
// Whether it came in `situation`, whatever else held.
bool ReachedIn(const OperationReach& reach, std::string_view situation);

// Of the inputs that are new in the corpus: do they do the same when run twice in one process?
struct Stability {
  std::uint64_t inputs = 0;
  std::uint64_t stable = 0;
  // Of the first that does not:
  std::string input;       // its file in the corpus
  std::string difference;  // "operation 2: control p0 0x7 \"\": …; then: …"

  double percent() const {
    return inputs == 0 ? 100 : 100.0 * static_cast<double>(stable) / static_cast<double>(inputs);
  }
};

struct CampaignFigures {
  std::uint64_t executed = 0;
  std::uint64_t replayed = 0;  // of these, inputs of the corpus
  std::uint64_t runs = 0;      // of the host
  std::uint64_t repeats = 0;   // crashes that were known already
  std::uint64_t edges = 0;
  std::uint64_t features = 0;
  std::uint64_t corpus = 0;
  std::uint64_t new_units = 0;
  std::uint64_t driver_counters = 0;
  double seconds = 0;
  std::uint64_t seed = 0;

  double per_second() const { return seconds > 0 ? static_cast<double>(executed) / seconds : 0; }
  std::uint64_t mutated() const { return executed > replayed ? executed - replayed : 0; }
};

struct CampaignResult {
  FuzzTarget target;
  CampaignFigures figures;
  std::vector<Finding> findings;
  std::vector<CoveredFunction> functions;  // of the driver or program
  std::vector<OperationReach> operations;  // of the corpus; empty: the host tells none
  Stability stability;
  std::string end;  // why it ended, in words
  bool interrupted = false;
  bool only_new = false;  // --mode=pr: what is known does not fail

  // Edges of the driver that its corpus reaches.
  std::uint64_t driver_edges() const;
};

// Why a campaign without findings says nothing; empty: it does say something.
std::string NoWorkReason(const CampaignResult& result);
FuzzExit ExitStatusOf(const CampaignResult& result);

inline constexpr const char* kFindingsSchema = "portlab-findings/1";
// findings.json: what all reports are made from.
nlohmann::json ResultToJson(const CampaignResult& result);

// "stability 97.5 %: …"; empty: no input is new, or the host tells nothing.
std::string StabilityInWords(const Stability& stability);

// The command that runs a finding again.
std::string ReproCommand(const std::string& id, const std::string& out);

}  // namespace portlab
