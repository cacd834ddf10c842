// erl_ddll's functions as behaviours call them: under OTP's names, with terms as Erlang text, and
// with a place where one of them, or one of their options, can be broken (mutants.cc).
//
// Threads: one. Errors: said, as Actor.
#pragma once

#include <string>

#include "stress/otp/actor.h"

namespace portlab {

struct DdllMutant {
  std::string function;  // with its arity: does nothing, and answers ok
  // Erlang text: in what try_load, try_unload, monitor and info are called with, this is taken for
  // that; empty: it is not seen.
  std::string taken;
  std::string for_what;
};
// Of the whole process.
void SetDdllMutant(DdllMutant mutant);

// What `erl_ddll:<function>(<arguments>)` answers; `Drivers` stands for the drivers' folder.
Result<Term> CallDdll(Actor& actor, const std::string& function, const std::string& arguments);

}  // namespace portlab
