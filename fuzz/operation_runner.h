// Carries out the operations of one input on the driver under test, each port opened by the input
// and closed before it ends: no input sees what an earlier one left in a port.
//
// Oracles besides the sanitizers: the contract of the driver API (strict mode); every port closes;
// a port that answered is a port that was open. Threads: libFuzzer's one. Ownership: borrows the
// driver. Errors: none: what an operation answers is the driver's business. Source: fuzzing.md 5.5.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "fuzz/driver_under_test.h"
#include "fuzz/operations/operation.h"

namespace portlab {

// What can be seen of a run from outside, in the order in which it was seen: a line for each
// operation, then one for each message that is left. Two runs of one input in the same situation
// see the same.
using RunRecord = std::vector<std::string>;

class OperationRunner {
 public:
  explicit OperationRunner(DriverUnderTest& driver);
  // `record`: is added to; null: nobody wants to know.
  void Run(Bytes input, RunRecord* record = nullptr);

 private:
  void Step(const OperationView& operation, std::size_t number);
  void Do(const OperationView& operation);
  void Open(const OperationView& operation);
  void Command(const OperationView& operation, Term iodata);
  void Connect(PortId port);
  void OwnerExit(PortId port);
  void PassTime(Nanos duration);
  void End();
  template <class T>
  void Answered(const Result<T>& answer);
  void RecordMessages(Process& process);
  PortId& Slot(const OperationView& operation) { return ports_[operation.port]; }

  DriverUnderTest& driver_;
  Runtime& runtime_;
  ThreadProcess other_;  // a second owner
  std::array<PortId, kOperationPorts> ports_;
  std::array<bool, kOperationPorts> with_other_{};
  RunRecord* record_ = nullptr;
  std::string answer_;  // of the operation that is recorded
};

}  // namespace portlab
