// A cgroup (v2) of a program's own, below the one this process is in: limits for all that descends
// from the program, and one write that kills them all at once.
//
// Threads: one. Ownership: the destructor removes the group, if nothing is left in it; one whose
// owner is killed stays behind, empty. Errors: ENOSYS no cgroup v2 is mounted; EACCES, EPERM, EROFS
// this process may not make groups; EOPNOTSUPP the kernel or the parent group does not offer a
// controller, or cgroup.kill (Linux 5.14); with a text for people. Source: cgroups(7), the kernel's
// cgroup-v2.rst.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/unique_fd.h"
#include "limits/program_limits.h"
#include "portlab/error.h"

namespace portlab {

class Cgroup {
 public:
  // `below`: the folder of a group; OwnFolder() as a rule.
  static Result<Cgroup> Make(const std::string& below, const CgroupLimits& limits);
  static Result<std::string> OwnFolder();
  // Of a group that has been made, which becomes the result's own.
  static Result<Cgroup> Set(std::string folder, const CgroupLimits& limits);

  Cgroup(Cgroup&& other) noexcept
      : folder_(std::exchange(other.folder_, {})),
        procs_(std::move(other.procs_)),
        kill_(std::move(other.kill_)) {}
  Cgroup& operator=(Cgroup&&) = delete;
  ~Cgroup();

  const std::string& folder() const { return folder_; }
  // A process that writes "0" to it is in the group from there on.
  int procs() const { return procs_.get(); }
  void Kill();
  // Processes of the group that the kernel ended because it was out of memory; nullopt: it does not
  // count them here.
  std::optional<std::uint64_t> OomKills() const;

 private:
  explicit Cgroup(std::string folder) : folder_(std::move(folder)) {}
  Result<void> Limit(const char* controller, const char* file, std::uint64_t value);

  std::string folder_;  // empty: moved from
  UniqueFd procs_;
  UniqueFd kill_;
};

}  // namespace portlab
