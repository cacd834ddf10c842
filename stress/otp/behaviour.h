// A behaviour: the same steps as an Erlang expression for real OTP and as a function for portlab,
// and the check that both say the same.
//
// Threads: one. Errors: a difference is a failure of the running test, with both texts.
// Source: otp_ports.md 9, whose numbers the names carry.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "stress/otp/actor.h"
#include "stress/otp/real_erl.h"

namespace portlab {

struct Behaviour {
  std::string name;
  std::string erlang;
  std::function<void(Actor&)> ours;
};

std::vector<Question> QuestionsOf(const std::vector<Behaviour>& behaviours);

// Runs each behaviour in a process of its own and compares with what `erl` said.
void ExpectAsInErl(const std::vector<Behaviour>& behaviours,
                   const std::map<std::string, std::string>& answers);

// Both in one go.
void ExpectAsInErl(const std::vector<Behaviour>& behaviours, const ErlangVariables& variables);

}  // namespace portlab
