// Runs one catalogue entry in one isolation mode in one host flavour, in a supervised child, and
// tells its Outcome.
//
// Threads: one trial at a time per calling thread; the calling process becomes a subreaper
// (launch/supervised_child.h). Ownership: nothing stays behind: no process, fd or file. Units:
// milliseconds where a name ends in _ms. Errors: Error when the trial itself could not be run (no
// such host, no such driver): names the file and the remedy. Source: design, decisions 9 to 12;
// isolation.md 5.
#pragma once

#include <functional>
#include <string>

#include "faulty_drivers/catalogue/entry.h"
#include "faulty_drivers/trial/outcome.h"
#include "portlab/error.h"

namespace portlab {

// Where the build put what a trial needs; all absolute.
struct Installation {
  std::string bin;      // portlab-host-<flavour>, portlab-spawn-server
  std::string drivers;  // <flavour>/<driver>.so
  std::string programs;
  // Relative to the running executable, <here>/../{bin,drivers,programs}.
  static Installation BesideThisExecutable();
};

struct TrialRequest {
  const CatalogueEntry* entry = nullptr;
  IsolationMode mode = IsolationMode::kInVm;
  Flavour flavour = Flavour::kPlain;
  bool trigger = true;
  int patience_ms = 1500;  // how long after the trigger the host is watched
  // Not empty: ScriptToText of what is done instead of the entry's trigger.
  std::string script = {};
};

Result<Outcome> RunTrial(const Installation& installation, const TrialRequest& request,
                         const std::function<bool()>& cancelled = {});

// Whether there is anything that such a host does differently: it cannot guard what a program
// allocates.
inline constexpr bool HasFlavour(IsolationMode mode, Flavour flavour) {
  return mode == IsolationMode::kInVm || flavour != Flavour::kGuarded;
}

// The keys allowed for this request, and whether `outcome` has one of them.
const std::vector<std::string>& ExpectedKeys(const TrialRequest& request);
bool MeetsExpectation(const TrialRequest& request, const Outcome& outcome);

}  // namespace portlab
