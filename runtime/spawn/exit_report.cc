#include "spawn/exit_report.h"

#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

namespace portlab {
namespace {

constexpr int kSignalBase = 128;  // a signal is reported as 128 + its number

// Processes the kernel's OOM killer has ended since boot, in any cgroup; 0 where it does not say.
std::int64_t OomKills() {
  std::ifstream statistics("/proc/vmstat");
  std::string name;
  std::int64_t value = 0;
  while (statistics >> name >> value) {
    if (name == "oom_kill") return value;
  }
  return 0;
}

// A term in the format of erl_drv_output_term, as it grows.
class TermSpec {
 public:
  explicit TermSpec(ErlDrvPort port) : port_(driver_mk_port(port)) {
    spec_ = {ERL_DRV_PORT, port_};
    Atom("exit_status");
  }
  void Atom(const char* name) {
    spec_.insert(spec_.end(), {ERL_DRV_ATOM, driver_mk_atom(const_cast<char*>(name))});
  }
  void Int(int value) {
    spec_.insert(spec_.end(), {ERL_DRV_INT, static_cast<ErlDrvTermData>(value)});
  }
  void Tuple(int size) {
    spec_.insert(spec_.end(), {ERL_DRV_TUPLE, static_cast<ErlDrvTermData>(size)});
  }
  // {Port,{exit_status,…}} with `parts` in it beside exit_status.
  void Send(int parts) {
    Tuple(1 + parts);
    Tuple(2);
    erl_drv_output_term(port_, spec_.data(), static_cast<int>(spec_.size()));
  }

 private:
  ErlDrvTermData port_;
  std::vector<ErlDrvTermData> spec_;
};

void PutTagged(TermSpec& spec, const char* tag, const char* what) {
  spec.Atom(tag);
  spec.Atom(what);
  spec.Tuple(2);
}

void PutAlone(TermSpec& spec, const char* tag) {
  spec.Atom(tag);
  spec.Tuple(1);
}

}  // namespace

ExitReport::ExitReport(ErlDrvPort port, const ProgramOptions& options)
    : port_(port), options_(options) {
  if (options_.full_exit_status) oom_kills_ = OomKills();
}

int ExitReport::NumberOf(WaitStatus status) {
  return status.signaled() ? kSignalBase + status.signal() : status.exit_code();
}

void ExitReport::SendNumber(int number) const {
  TermSpec spec(port_);
  spec.Int(number);
  spec.Send(1);
}

bool ExitReport::HasLimit(int resource) const {
  return std::any_of(options_.limits.resources.begin(), options_.limits.resources.end(),
                     [resource](const ResourceLimit& limit) { return limit.resource == resource; });
}

void ExitReport::SendFull(WaitStatus status, EndedBy by, bool pipe_still_open) const {
  TermSpec spec(port_);
  if (by == EndedBy::kTimeout) {
    PutAlone(spec, "timeout");
  } else if (by != EndedBy::kItself) {
    PutTagged(spec, "killed_by_us", by == EndedBy::kAsked ? "asked" : "idle_timeout");
  } else if (status.exited()) {
    spec.Atom("exited");
    spec.Int(status.exit_code());
    spec.Tuple(2);
  } else if (status.signaled(SIGXCPU) && HasLimit(RLIMIT_CPU)) {
    PutTagged(spec, "rlimit", "cpu");
  } else if (status.signaled(SIGXFSZ) && HasLimit(RLIMIT_FSIZE)) {
    PutTagged(spec, "rlimit", "fsize");
  } else if (status.signaled(SIGKILL) && out_of_memory_.value_or(OomKills() > oom_kills_)) {
    PutAlone(spec, "oom");
  } else {
    spec.Atom("signaled");
    spec.Int(status.signal());
    spec.Atom(status.core_dumped() ? "true" : "false");
    spec.Tuple(3);
  }
  if (pipe_still_open) spec.Atom("pipe_still_open");
  spec.Send(pipe_still_open ? 2 : 1);
}

}  // namespace portlab
