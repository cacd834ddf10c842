// What a new process does between clone and exec: session, descriptors, terminal, directory,
// limits, user, parent-death signal.
//
// Use: fill in, Prepare() in the parent, then hand RunInChild to Clone3Exec (start_program.h) or
// the object itself to Clone3Launcher as an initialiser (clone3_launcher.h). Threads: one launch at
// a time per object. Ownership: descriptors stay the caller's. Errors: RunInChild returns an errno;
// failed_step() then says where, in the parent too, since the memory is shared.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "launch/clone3_exec.h"
#include "limits/program_limits.h"

namespace portlab {

// The child gets the caller's `fd` under the number `as`. Numbers may be permuted freely; no two
// bindings share an `as`.
struct FdBinding {
  int fd = -1;
  int as = -1;
};

class ChildSetup {
 public:
  enum class Step {
    kNone,
    kSession,
    kCgroup,
    kDescriptors,
    kTerminal,
    kDirectory,
    kLimits,
    kUser,
    kParentGone
  };

  // The only descriptors the child has. A binding of 0, 1 or 2 to itself may name a closed one.
  std::vector<FdBinding> fds = {{0, 0}, {1, 1}, {2, 2}};
  ProgramLimits limits;   // its default_signals is not looked at here
  int cgroup_procs = -1;  // an open cgroup.procs; negative: the parent's groups
  std::string directory;  // empty: the parent's
  bool new_session = true;
  bool controlling_terminal = false;  // descriptor 0 is the session's
  // Sent when the parent THREAD that launched ends, not its process (prctl(2)): launch from one
  // that stays. 0: none.
  int parent_death_signal = 0;

  void Prepare();
  // The numbers of `fds`, ascending: what Clone3Request::keep wants. Valid after Prepare.
  const std::vector<int>& keep() const { return keep_; }
  int RunInChild();
  Step failed_step() const { return failed_step_; }

 private:
  int Fail(Step step, int error);
  int BindDescriptors();
  int ApplyLimits();
  int BecomeUser();

  std::vector<int> keep_;
  std::vector<int> moved_;
  // Plain views of the vectors above: their member functions may be instrumented.
  const FdBinding* bindings_ = nullptr;
  std::size_t binding_count_ = 0;
  const ResourceLimit* limit_list_ = nullptr;
  struct {
    bool user, group, niceness, umask;
    std::uint32_t user_id, group_id, mask;
    std::int32_t nice;
  } plain_ = {};
  std::size_t limit_count_ = 0;
  int* moved_list_ = nullptr;
  const char* directory_path_ = nullptr;
  int first_free_ = 0;
  pid_t parent_ = 0;
  Step failed_step_ = Step::kNone;
};

}  // namespace portlab
