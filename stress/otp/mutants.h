// Broken hosts: what each is called, what is broken in it, and the behaviour that must notice.
// Threads: one. Source: erl_driver.h.
#pragma once

#include <string>
#include <vector>

#include "stress/otp/coverage.h"
#include "stress/otp/mutation.h"

namespace portlab {

struct Mutant {
  std::string promise;  // the function, callback, flag or constant
  std::string what;     // is wrong with it
  Behaviour behaviour;
  Mutate mutate;
};

// Two for each function: it does nothing and answers 0, or -1.
std::vector<Mutant> FunctionMutants();
// For each callback: the host never calls it. For each flag: the host does not see it.
std::vector<Mutant> EntryMutants();
// For each constant that a function or callback takes or gives: it is taken for another.
std::vector<Mutant> ConstantMutants();

// For each function of erl_ddll: it does nothing and answers ok. For each option: it is not seen,
// or taken for another.
std::vector<Mutant> DdllMutants();

}  // namespace portlab
