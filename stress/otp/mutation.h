// A host with one thing of the driver API broken, and what a behaviour says in it. Nothing is built
// for that: the driver is the file that was compared with real OTP, and what is changed is what the
// driver finds behind a name (its entries of the global offset table) or what the host finds in the
// driver's entry, at run time, in a process of its own that ends afterwards.
//
// Threads: one, without a Runtime: the runs are forked. Errors: what kept a mutant from being made
// is a word of its `end`. Source: <link.h>; System V ABI, "Relocation".
#pragma once

#include <functional>
#include <string>

#include "erl_driver.h"
#include "stress/otp/behaviour.h"

namespace portlab {

// A driver that has been loaded before the host loads it, so that it can be changed.
class MutableDriver {
 public:
  explicit MutableDriver(const std::string& name);
  // Whatever of the driver refers to this symbol, from now on refers to `to`. False: nothing does.
  bool Redirect(const std::string& symbol, const void* to);
  // The driver's own, from which the host will copy. Null: the driver has none.
  ErlDrvEntry* entry();

 private:
  void* library_ = nullptr;
};

// The end of a run whose `mutate` found nothing to change.
inline constexpr const char* kNothingToChange = "nothing to change";

struct MutantRun {
  std::string said;
  std::string end;  // empty: it came to its end
  bool operator==(const MutantRun&) const = default;
};

// Changes something before the behaviour runs. False: there was nothing to change.
using Mutate = std::function<bool()>;

// With the baton, so that whoever waits in vain is found out at once, and equal runs are equal;
// what is left of blocks, binaries and objects is said, too.
MutantRun RunMutant(const Behaviour& behaviour, const Mutate& mutate);

// How two runs differ, in a few words; empty: they do not.
std::string Difference(const MutantRun& healthy, const MutantRun& mutant);

}  // namespace portlab
