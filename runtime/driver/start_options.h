// What open_port's options mean, after parsing: for the port (binary, line …) and for the drivers
// that start programs (args, env …). A driver built into the runtime reads the program part during
// its start callback; loaded drivers get the command string only, as on OTP. Threads: a value;
// Current() is the calling thread's. Source: erlang(3erl) open_port/2; otp_ports.md 3.1, 3.2.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "limits/program_limits.h"

namespace portlab {

enum class PortNameKind : std::uint8_t { kSpawn, kSpawnExecutable, kSpawnDriver, kFd, kVanilla };

// Busy from `high` on until below `low`, in bytes.
struct BusyLimits {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  static constexpr BusyLimits Disabled() { return {UINT64_MAX, UINT64_MAX}; }
  bool operator==(const BusyLimits&) const = default;
};

// What open_port takes for programs beyond OTP; see include/portlab/program.h. Everything is off by
// default.
struct ProgramOptions {
  ProgramLimits limits;
  bool full_exit_status = false;
  bool separate_errors = false;
  bool contained = false;  // whatever needs a keeper sets it
  bool end_at_close = false;
  bool end_at_owner_exit = false;
  std::optional<TerminalSize> terminal;
  std::optional<std::uint64_t> window_bytes;
  std::optional<std::uint64_t> packet_bytes_max;
  std::optional<std::uint64_t> queue_bytes_max;
  // 0: none.
  std::uint32_t timeout_ms = 0;
  std::uint32_t idle_timeout_ms = 0;
  std::uint32_t start_timeout_ms = 0;
  std::uint32_t grace_ms = 500;
  bool operator==(const ProgramOptions&) const = default;
};

struct StartOptions {
  PortNameKind name_kind = PortNameKind::kSpawn;
  std::string command;  // the whole string; the executable's or file's path; "In/Out"
  int fd_in = -1;       // kFd
  int fd_out = -1;
  int packet_bytes = 0;  // 0: stream; 1, 2, 4
  int line_length = 0;   // 0: not line oriented
  bool binary = false;
  bool in = true;
  bool out = true;
  bool eof = false;
  bool exit_status = false;
  bool stderr_to_stdout = false;
  bool use_stdio = true;
  bool hide = false;
  bool parallelism = false;
  // Of the io queue of a spawn, fd or vanilla port, and of the queue of signals; nullopt: the
  // runtime's.
  std::optional<BusyLimits> busy_limits_port;
  std::optional<BusyLimits> busy_limits_msgq;
  std::optional<std::vector<std::string>> args;
  std::optional<std::string> arg0;
  std::optional<std::string> cd;
  // Value nullopt: unset the name.
  std::vector<std::pair<std::string, std::optional<std::string>>> env;

  ProgramOptions program;

  // The options of the start callback that runs on this thread; null outside one.
  static const StartOptions* Current();
  class Scope {
   public:
    explicit Scope(const StartOptions& options);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
  };
};

}  // namespace portlab
