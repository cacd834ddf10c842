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
#include "portlab/error.h"

namespace portlab {

struct IsolateSubject {
  std::string path;  // absolute
  IsolationMode mode = IsolationMode::kInVm;
  std::string start_args;         // drivers
  std::vector<std::string> args;  // programs, and how their port is opened
  int packet_bytes = 4;           // 0: a stream
  int line_length = 0;
};

// What made it crash somewhere else.
struct IsolateInput {
  std::string name;        // of its row
  std::string origin;      // the file, for people
  std::string content;     // a fuzz input, or what a program is sent
  bool is_text = false;    // operations as text instead
  std::string start_args;  // of the campaign that found it
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
