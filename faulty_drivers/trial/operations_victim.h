// The ports of a driver or program that is not of the zoo, and the process that owns them: plays a
// trial script, does what the script wants done from outside, looks how it goes on, and closes
// what is still open.
//
// Nothing is known about what such a driver answers, so it counts as unresponsive only when an
// operation does not come back, or when its program was stopped. Threads, ownership, errors, units:
// as Victim. Source: isolation.md 3 (C6, C8, G1, G2, I1).
#pragma once

#include <memory>

#include "faulty_drivers/trial/operation_player.h"
#include "faulty_drivers/trial/trial_script.h"
#include "faulty_drivers/trial/victim.h"

namespace portlab {

class OperationsVictim : public Victim {
 public:
  OperationsVictim(VictimPlan plan, TrialScript script)
      : Victim(std::move(plan)), script_(std::move(script)) {}
  void Start(Runtime& runtime) override;

 private:
  class Session;
  static Body Play(Process& self, std::shared_ptr<OperationsVictim> victim);

  const TrialScript script_;
};

}  // namespace portlab
