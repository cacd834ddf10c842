#include "launch/child_setup.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace portlab {

void ChildSetup::Prepare() {
  keep_.clear();
  for (const FdBinding& binding : fds) keep_.push_back(binding.as);
  std::sort(keep_.begin(), keep_.end());
  first_free_ = keep_.empty() ? 0 : keep_.back() + 1;
  moved_.assign(fds.size(), -1);
  moved_list_ = moved_.data();
  bindings_ = fds.data();
  binding_count_ = fds.size();
  limit_list_ = limits.resources.data();
  limit_count_ = limits.resources.size();
  plain_ = {limits.user.has_value(),  limits.group.has_value(),   limits.niceness.has_value(),
            limits.umask.has_value(), limits.user.value_or(0),    limits.group.value_or(0),
            limits.umask.value_or(0), limits.niceness.value_or(0)};
  directory_path_ = directory.empty() ? nullptr : directory.c_str();
  parent_ = ::getpid();
  failed_step_ = Step::kNone;
}

PORTLAB_UNINSTRUMENTED int ChildSetup::Fail(Step step, int error) {
  failed_step_ = step;
  return error;
}

// First everything out of the way of the wanted numbers, then into place: so numbers can be
// swapped, and a descriptor that already has its number still loses CLOEXEC.
PORTLAB_UNINSTRUMENTED int ChildSetup::BindDescriptors() {
  for (std::size_t i = 0; i < binding_count_; ++i) {
    const FdBinding& binding = bindings_[i];
    moved_list_[i] =
        static_cast<int>(::syscall(SYS_fcntl, binding.fd, F_DUPFD_CLOEXEC, first_free_));
    if (moved_list_[i] >= 0) continue;
    const bool optional = binding.fd == binding.as && binding.as <= STDERR_FILENO;
    if (errno != EBADF || !optional) return errno;
  }
  for (std::size_t i = 0; i < binding_count_; ++i) {
    if (moved_list_[i] < 0) continue;
    if (::syscall(SYS_dup3, moved_list_[i], bindings_[i].as, 0) < 0) return errno;
  }
  return 0;
}

PORTLAB_UNINSTRUMENTED int ChildSetup::ApplyLimits() {
  if (plain_.umask) ::syscall(SYS_umask, plain_.mask);
  if (plain_.niceness && ::syscall(SYS_setpriority, PRIO_PROCESS, 0, plain_.nice) < 0) return errno;
  for (std::size_t i = 0; i < limit_count_; ++i) {
    const std::uint64_t value = limit_list_[i].value;
    // The soft limit of CPU time is SIGXCPU, which tells; the hard one would be SIGKILL.
    const bool spare = limit_list_[i].resource == RLIMIT_CPU && value < UINT32_MAX;
    const std::uint64_t both[2] = {value, value + (spare ? 1 : 0)};
    if (::syscall(SYS_prlimit64, 0, limit_list_[i].resource, both, nullptr) < 0) return errno;
  }
  return 0;
}

// By system call: libc's functions would change every thread of the parent, whose memory this is.
PORTLAB_UNINSTRUMENTED int ChildSetup::BecomeUser() {
  if ((plain_.user || plain_.group) && ::syscall(SYS_setgroups, 0, nullptr) < 0) return errno;
  const std::uint32_t group = plain_.group_id;
  if (plain_.group && ::syscall(SYS_setresgid, group, group, group) < 0) return errno;
  const std::uint32_t user = plain_.user_id;
  if (plain_.user && ::syscall(SYS_setresuid, user, user, user) < 0) return errno;
  return 0;
}

PORTLAB_UNINSTRUMENTED int ChildSetup::RunInChild() {
  if (new_session && ::syscall(SYS_setsid) < 0) return Fail(Step::kSession, errno);
  // Before descriptors move, and as the parent's user.
  if (cgroup_procs >= 0 && ::syscall(SYS_write, cgroup_procs, "0", 1) < 0) {
    return Fail(Step::kCgroup, errno);
  }
  int error = BindDescriptors();
  if (error != 0) return Fail(Step::kDescriptors, error);
  if (controlling_terminal && ::syscall(SYS_ioctl, STDIN_FILENO, TIOCSCTTY, 0) < 0) {
    return Fail(Step::kTerminal, errno);
  }
  if (directory_path_ != nullptr && ::syscall(SYS_chdir, directory_path_) < 0) {
    return Fail(Step::kDirectory, errno);
  }
  error = ApplyLimits();
  if (error != 0) return Fail(Step::kLimits, error);
  error = BecomeUser();
  if (error != 0) return Fail(Step::kUser, error);
  // Last: another user takes the request back.
  if (parent_death_signal != 0) {
    ::syscall(SYS_prctl, PR_SET_PDEATHSIG, parent_death_signal, 0, 0, 0);
    // The parent may have died before the request was made; nobody will ever send the signal then.
    if (::syscall(SYS_getppid) != parent_) return Fail(Step::kParentGone, ESRCH);
  }
  return 0;
}

}  // namespace portlab
