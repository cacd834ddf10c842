// How a program ended, as its port's owner is told: the number OTP gives, or the full account.
//
// Threads: the port's lock. Errors: none. Source: otp_ports.md 3.3, 6.3; include/portlab/program.h.
#pragma once

#include <cstdint>
#include <optional>

#include "driver/start_options.h"
#include "erl_driver.h"
#include "launch/wait_status.h"

namespace portlab {

// Why we ended it, if we did.
enum class EndedBy : std::uint8_t { kItself, kTimeout, kIdleTimeout, kAsked };

class ExitReport {
 public:
  // Of a program that starts now: remembers what the machine's OOM killer has done so far.
  ExitReport(ErlDrvPort port, const ProgramOptions& options);

  // What the program's cgroup says; without one the machine's count is taken.
  void SetOutOfMemory(bool was) { out_of_memory_ = was; }

  // {Port,{exit_status,N}}.
  void SendNumber(int number) const;
  // As OTP's number: the exit code, or 128 + the signal.
  static int NumberOf(WaitStatus status);
  // {Port,{exit_status,Status}}, with pipe_still_open as a third element.
  void SendFull(WaitStatus status, EndedBy by, bool pipe_still_open) const;

 private:
  bool HasLimit(int resource) const;

  const ErlDrvPort port_;
  const ProgramOptions& options_;
  std::int64_t oom_kills_ = 0;
  std::optional<bool> out_of_memory_;
};

}  // namespace portlab
