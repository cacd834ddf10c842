// Broken forms of erl_ddll.
#include "stress/otp/ddll_calls.h"
#include "stress/otp/mutants.h"

namespace portlab {
namespace {

Mutate With(const DdllMutant& mutant) {
  return [mutant] {
    SetDdllMutant(mutant);
    return true;
  };
}

struct Option {
  const char* promise;
  const char* taken;
  const char* for_what;  // empty: not seen
};

constexpr Option kOptions[] = {
    {"try_load {driver_options,[kill_ports]}", "kill_ports", ""},
    {"try_load {reload,pending_driver}", "{reload,pending_driver}", ""},
    {"try_load {reload,pending}", "{reload,pending}", "{reload,pending_driver}"},
    {"try_load {monitor,pending_driver}", "{monitor,pending_driver}", ""},
    {"try_load {monitor,pending}", "{monitor,pending}", ""},
    {"try_unload kill_ports", "kill_ports", ""},
    {"try_unload {monitor,pending_driver}", "{monitor,pending_driver}", ""},
    {"try_unload {monitor,pending}", "{monitor,pending}", "{monitor,pending_driver}"},
    {"monitor loaded", "loaded", "unloaded"},
    {"monitor unloaded", "unloaded", "unloaded_only"},
    {"monitor unloaded_only", "unloaded_only", "unloaded"},
    {"info processes", "processes", "port_count"},
    {"info driver_options", "driver_options", "processes"},
    {"info port_count", "port_count", "processes"},
    {"info linked_in_driver", "linked_in_driver", "port_count"},
    {"info permanent", "permanent", "port_count"},
    {"info awaiting_load", "awaiting_load", "awaiting_unload"},
    {"info awaiting_unload", "awaiting_unload", "awaiting_load"},
};

const Behaviour* Find(const std::vector<Covered>& all, const std::string& promise) {
  for (const Covered& each : all) {
    if (each.promise == promise) return &each.behaviour;
  }
  return nullptr;
}

}  // namespace

std::vector<Mutant> DdllMutants() {
  std::vector<Mutant> mutants;
  for (const Covered& each : DdllBehaviours()) {
    mutants.push_back({each.promise, "does nothing, answers ok", each.behaviour,
                       With({.function = each.promise, .taken = {}, .for_what = {}})});
  }
  const std::vector<Covered> options = DdllOptionBehaviours();
  for (const Option& each : kOptions) {
    const Behaviour* behaviour = Find(options, each.promise);
    if (behaviour == nullptr) continue;
    const std::string for_what = each.for_what;
    mutants.push_back({each.promise, for_what.empty() ? "is not seen" : "is taken for " + for_what,
                       *behaviour,
                       With({.function = {}, .taken = each.taken, .for_what = for_what})});
  }
  return mutants;
}

}  // namespace portlab
