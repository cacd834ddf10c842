// What one external program may use, and as whom it runs. Applied in its process before exec.
//
// Threads: a value. Units: those of setrlimit(2), nice(1), umask(2); pixels are not given to a
// terminal. Errors: the system call's, when it is refused: the program does not start then. Source:
// setrlimit(2), setpriority(2), setresuid(2), tty_ioctl(4).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace portlab {

struct ResourceLimit {
  std::int32_t resource = 0;  // RLIMIT_…
  std::uint64_t value = 0;    // soft and hard
  bool operator==(const ResourceLimit&) const = default;
};

struct TerminalSize {
  std::uint16_t rows = 24;
  std::uint16_t columns = 80;
  bool operator==(const TerminalSize&) const = default;
};

// Of a cgroup of the program's own, so of all that descends from it.
struct CgroupLimits {
  std::optional<std::uint64_t> memory_max;  // bytes
  std::optional<std::uint64_t> pids_max;    // processes and threads
  bool operator==(const CgroupLimits&) const = default;
};

struct ProgramLimits {
  std::vector<ResourceLimit> resources;
  std::optional<std::uint32_t> user;  // real, effective and saved; no supplementary groups then
  std::optional<std::uint32_t> group;
  std::optional<std::int32_t> niceness;
  std::optional<std::uint32_t> umask;
  std::optional<CgroupLimits> cgroup;  // of a contained program only
  bool default_signals = false;        // else SIGPIPE and SIGFPE are ignored, as OTP leaves them
  bool operator==(const ProgramLimits&) const = default;
};

}  // namespace portlab
