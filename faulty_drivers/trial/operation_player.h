// Carries out operations on up to four ports of one driver or program, as steps that a scheduled
// process waits for: a callback that never returns then holds a scheduler thread, as it would in
// the VM.
//
// Threads: the body of the process that plays. Ownership: lives in that body's frame; steps refer
// to it. Errors: first_failure() of the opens; what else an operation answers is the driver's
// business. Source: fuzz/operations/operation.h; fuzzing.md 5.3.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "driver/start_options.h"
#include "faulty_drivers/catalogue/entry.h"
#include "faulty_drivers/trial/trial_script.h"
#include "portlab/process.h"

namespace portlab {

// For Process::Until; the value only says that it is over.
using PlayStep = std::function<std::optional<bool>()>;

// A port that was opened, until it is known to be gone.
struct PlayedPort {
  PortId port;
  std::string os_pid;            // of its program; empty: it has none
  bool end_was_ordered = false;  // by an operation: its end says nothing about the driver
};

class OperationPlayer {
 public:
  // `target`: name of the loaded driver, or path of the program.
  OperationPlayer(Process& self, IsolationMode mode, std::string target, const TrialScript& script);
  // Ends the processes that were made to own ports.
  ~OperationPlayer();
  OperationPlayer(const OperationPlayer&) = delete;
  OperationPlayer& operator=(const OperationPlayer&) = delete;

  // `waits`: a command waits while its port is busy; otherwise it is left out.
  PlayStep StepFor(const Operation& operation, bool waits);
  // The first port gets another owner, is sent commands, and its owner is killed.
  PlayStep KillOwner();
  PlayStep Close(PlayedPort& played);

  std::vector<PlayedPort>& ports() { return ports_; }
  bool opened_any() const { return opened_any_; }
  const std::string& first_failure() const { return first_failure_; }

 private:
  PlayStep Open(const Operation& operation);
  PlayStep CommandStep(const Operation& operation, bool waits);
  PlayStep Connect(PlayedPort& played);
  PlayStep OwnerExit(PlayedPort& played);
  StartOptions OptionsFor(const Operation& operation) const;
  void Opened(std::uint8_t slot, PortId port);
  PlayedPort* InSlot(std::uint8_t slot);
  std::shared_ptr<Process> SpawnOwner() const;

  Process& self_;
  const IsolationMode mode_;
  const std::string target_;
  const TrialScript& script_;
  std::array<PortId, kOperationPorts> slots_;
  std::vector<PlayedPort> ports_;
  std::shared_ptr<Process> other_;  // that `connect` gives ports to
  std::vector<PortId> with_other_;
  bool opened_any_ = false;
  std::string first_failure_;
};

// Whether the port is still there.
bool IsThere(PortId port);

}  // namespace portlab
