// Which trials are made with a user's own driver or program: a control, its crashing inputs, and
// provocations that every port must stand. One row of the report each.
//
// Threads: pure. Ownership: values. Units: bytes. Errors: badarg, naming the input that is no
// operations, or the row there is not (and those there are). Source: isolation.md 3 (C6, C8, G1,
// G2, I1); the provocations are the same in every run.
#pragma once

#include <string>
#include <vector>

#include "faulty_drivers/catalogue/entry.h"
#include "faulty_drivers/trial/trial_script.h"
#include "fuzz/operations/packets.h"
#include "portlab/error.h"

namespace portlab {

struct IsolateSubject {
  std::string path;  // absolute
  IsolationMode mode = IsolationMode::kInVm;
  std::string start_args;         // drivers
  std::vector<std::string> args;  // programs, and how their port is opened
  PacketFraming framing;
};

// What made it crash somewhere else.
struct IsolateInput {
  std::string name;     // of its row
  std::string origin;   // the file, for people
  std::string content;  // operations, as records or as text; of a program, else one packet
  bool is_text = false;
  std::string start_args;   // of the campaign that found it
  bool is_finding = false;  // records, of a program too
};

struct IsolateRow {
  std::string name;  // what --only takes
  std::string id;    // its group in the report
  std::string title;
  TrialScript script;
};

Result<std::vector<IsolateRow>> PlanRows(const IsolateSubject& subject,
                                         const std::vector<IsolateInput>& inputs);
// Those whose names are in `only`, in their order; all, when it is empty.
Result<std::vector<IsolateRow>> ChooseRows(std::vector<IsolateRow> rows,
                                           const std::vector<std::string>& only);

}  // namespace portlab
