// How far a trial got, as the number in the black box's `phase`: written by the host, read by
// whoever finds it dead. Threads: a value.
#pragma once

#include <cstdint>
#include <string_view>

namespace portlab {

enum class TrialPhase : std::uint32_t {
  kNone,       // the host has not begun
  kRuntimeUp,  // the driver is loaded next
  kLoaded,     // the bystanders come aboard next
  kMeasured,   // the port is opened next
  kOpen,       // the trigger is pulled next
  kTriggered,  // and the port is watched
  kClosed,     // the port is gone, or the host no longer waits for it
  kReported,   // the result is written; the host ends
  kRefused,    // bad input: no trial
};

inline std::string_view TrialPhaseName(TrialPhase phase) {
  switch (phase) {
    case TrialPhase::kNone:
      return "before the runtime started";
    case TrialPhase::kRuntimeUp:
      return "while the driver was loaded";
    case TrialPhase::kLoaded:
      return "before the port was opened";
    case TrialPhase::kMeasured:
      return "while the port was opened";
    case TrialPhase::kOpen:
      return "before the trigger was pulled";
    case TrialPhase::kTriggered:
      return "after the trigger was pulled";
    case TrialPhase::kClosed:
      return "after the port was closed";
    case TrialPhase::kReported:
      return "after the trial, while the host ended";
    case TrialPhase::kRefused:
      return "because of bad input";
  }
  return "in an unknown phase";
}

}  // namespace portlab
