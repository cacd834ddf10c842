// What the driver API promises beside its functions, and the behaviours that show it: callbacks of
// an entry, flags of a driver, words that functions take. What is promised is read from
// erl_driver.h, so that nothing new is forgotten.
//
// Threads: one. Source: driver_entry(3erl), erl_driver(3erl); otp_ports.md 1.3, 2.
#pragma once

#include <string>
#include <vector>

#include "stress/otp/behaviour.h"

namespace portlab {

struct Covered {
  std::string promise;  // as the header calls it
  Behaviour behaviour;
};

// One for each callback of ErlDrvEntry, and for each ERL_DRV_FLAG_….
std::vector<Covered> CallbackBehaviours();
std::vector<Covered> FlagBehaviours();
// Constants that no function's probe covers.
std::vector<Covered> ConstantBehaviours();

// One for each function of erl_ddll, as name/arity, and for each of its options.
std::vector<Covered> DdllBehaviours();
std::vector<Covered> DdllOptionBehaviours();

// From the header: the fields of ErlDrvEntry that are callbacks, in order; the names of its
// constants that begin so.
std::vector<std::string> PromisedCallbacks();
std::vector<std::string> PromisedConstants(const std::string& prefix);
// The tags of term programs, in the order of their numbers; all constants that functions and
// callbacks take or give, those among them.
std::vector<std::string> PromisedTags();
std::vector<std::string> PromisedWords();

// From erl_ddll(3erl): functions as name/arity; options by the function that takes them.
std::vector<std::string> PromisedDdllFunctions();
std::vector<std::string> PromisedDdllOptions();

// The behaviour of one function's probe (runtime/testing/api_probes).
Behaviour FunctionBehaviour(const std::string& function);
// exported_symbols.txt, with driver_term_nil; who makes its driver permanent is the last.
std::vector<std::string> PromisedFunctions();

}  // namespace portlab
