// What is done to a driver or program that is not of the zoo: operations on its ports, and what
// happens to it, or to its owner, from outside. Made by the tool, played by the host.
//
// Threads: values. Ownership: none. Units: bytes. Errors: badarg for text that is none of ours.
// Source: isolation.md 3 (C6, C8, G1, G2, I1); fuzz/operations for the operations.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fuzz/operations/operation.h"
#include "portlab/error.h"

namespace portlab {

enum class OutsideAction {
  kNone,
  kKillProgram,  // SIGKILL
  kStopProgram,  // SIGSTOP, and then one more command
  kKillOwner,    // the port's owner is killed while its commands are under way
};
inline constexpr OutsideAction kOutsideActions[] = {
    OutsideAction::kNone, OutsideAction::kKillProgram, OutsideAction::kStopProgram,
    OutsideAction::kKillOwner};
std::string_view ActionName(OutsideAction action);  // "none", "kill_program", …

struct TrialScript {
  std::vector<Operation> operations;
  // After them, so many times; a command then waits while its port is busy.
  std::vector<Operation> repeated;
  int times = 0;
  OutsideAction action = OutsideAction::kNone;  // when all operations are done; to the first port
  // A port that does not open is the trial's error: there is nothing to try.
  bool must_open = true;

  // Drivers: what follows the driver's name where an open has no bytes of its own.
  std::string start_args;
  // Programs.
  std::vector<std::string> args;
  int packet_bytes = 0;  // 0: a stream
  int line_length = 0;   // 0: not in lines

  bool operator==(const TrialScript&) const = default;
};

std::string ScriptToText(const TrialScript& script);
Result<TrialScript> ScriptFromText(std::string_view text);
// The whole file behind `fd`, from its beginning.
Result<TrialScript> ReadScript(int fd);

}  // namespace portlab
