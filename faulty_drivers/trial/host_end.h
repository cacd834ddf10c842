// How the host of a trial ended: what its parent puts together from the wait status, the black box,
// the log of a sanitizer and, when the host lived to write one, its own result.
//
// Threads: pure. Errors: a host that did not run the trial, or ended in a way only a defect of
// portlab explains. Source: isolation.md 5.1, 5.2; design, decisions 9 and 12.
#pragma once

#include <optional>
#include <string>

#include "base/callback_kind.h"
#include "faulty_drivers/trial/outcome.h"
#include "faulty_drivers/trial/trial_phase.h"
#include "launch/supervised_child.h"
#include "portlab/error.h"

namespace portlab {

// Exit status the trial runner asks sanitizers for.
inline constexpr int kExitSanitizer = 97;

// The black box, read once its host is dead.
struct LastWords {
  bool goodbye = false;
  TrialPhase phase = TrialPhase::kNone;
  bool in_callback = false;  // a callback had been entered and not left
  CallbackKind callback = CallbackKind::kNone;
  std::uint32_t api_call = 0;
  std::uint64_t port = 0;  // number of the port whose callback was entered last
  Nanos triggered_at = 0;  // 0: never
  std::string message;
};

// `reported` is the host's own result; nullopt: it wrote none. `detection_ms` counts when the host
// ended by the fault.
Result<Outcome> JudgeHostEnd(const SupervisedEnd& end, const LastWords& words,
                             std::optional<Outcome> reported, double detection_ms);

}  // namespace portlab
