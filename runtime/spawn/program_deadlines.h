// The three clocks of a program: until it must have started, how long it may run, how long it may
// be idle; on the one timer its port has.
//
// Threads: the port's lock. Units: milliseconds of the runtime's clock. Errors: none. Source:
// include/portlab/program.h.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "driver/start_options.h"
#include "erl_driver.h"

namespace portlab {

class ProgramDeadlines {
 public:
  enum class Missed { kNone, kStart, kRun, kIdle };

  ProgramDeadlines(ErlDrvPort port, const ProgramOptions& options)
      : port_(port), options_(options) {
    start_ = After(options.start_timeout_ms);
    SetTimer();
  }

  void Started() {
    start_.reset();
    run_ = After(options_.timeout_ms);
    Busy();
  }
  // Something came or went.
  void Busy() {
    idle_ = After(options_.idle_timeout_ms);
    SetTimer();
  }
  void Ended() {
    start_ = run_ = idle_ = std::nullopt;
    SetTimer();
  }
  // The timer has fired.
  Missed Fired() {
    const ErlDrvTime now = Now();
    set_.reset();
    if (start_ && *start_ <= now) return Missed::kStart;
    if (run_ && *run_ <= now) return Missed::kRun;
    if (idle_ && *idle_ <= now) return Missed::kIdle;
    SetTimer();
    return Missed::kNone;
  }

 private:
  using Deadline = std::optional<ErlDrvTime>;

  static ErlDrvTime Now() { return erl_drv_monotonic_time(ERL_DRV_MSEC); }
  static Deadline After(std::uint32_t milliseconds) {
    return milliseconds == 0 ? std::nullopt : Deadline(Now() + milliseconds);
  }
  void SetTimer() {
    Deadline next;
    for (const Deadline& one : {start_, run_, idle_}) {
      if (one && (!next || *one < *next)) next = one;
    }
    if (next == set_) return;
    set_ = next;
    if (!next) {
      driver_cancel_timer(port_);
    } else {
      driver_set_timer(port_, static_cast<unsigned long>(std::max<ErlDrvTime>(*next - Now(), 1)));
    }
  }

  const ErlDrvPort port_;
  const ProgramOptions& options_;
  Deadline start_;
  Deadline run_;
  Deadline idle_;
  Deadline set_;
};

}  // namespace portlab
