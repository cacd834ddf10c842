// Every bound of the runtime, in one value. Set the fields, hand it to the runtime, done: nothing
// is changeable afterwards.
//
// Units stand last in a field's name; a count has none. Where OTP has the bound, the default is
// OTP's. Threads: a value. Ownership: none. Errors: ParsePortLimit returns badarg with the text OTP
// prints. Source: erl(1) +Q, +A, +S and ERL_MAX_PORTS; erl_driver(3erl) erl_drv_busy_msgq_limits;
// otp_ports.md 4.1 (measured).
#pragma once

#include <cstdint>
#include <string_view>

#include "portlab/error.h"

namespace portlab {

// The range `+Q` takes; the port table itself takes 1 … kPortLimitMax.
inline constexpr std::uint32_t kPortLimitMin = 1024;
inline constexpr std::uint32_t kPortLimitMax = 134'217'727;
inline constexpr std::uint32_t kPortLimitDefault = 65'536;

// How the open ports are counted against the limit; port/limit_counter.h says what each promises.
enum class LimitCounterKind : std::uint8_t {
  kReserve,  // never over the limit, never refuses while there is room
  kOtp,      // OTP's increment, compare, roll back: may refuse although there is room
};

struct Limits {
  // Open ports; one more is system_limit. OTP's default.
  std::uint32_t port_limit = kPortLimitDefault;
  // The counter that enforces port_limit. kOtp is for measuring and differential runs.
  LimitCounterKind limit_counter = LimitCounterKind::kReserve;

  // Output of a port that its owner has not received yet; a port that exceeds it is closed with
  // reason output_limit. 0: unlimited, as OTP.
  std::uint64_t unread_output_bytes_max = 0;
  // Body of one {packet,N} message. 64 MiB is what OTP's inet driver allows; its spawn driver has
  // no bound (0) and asks malloc for whatever a program's header says.
  std::uint64_t packet_bytes_max = 64 * 1024 * 1024;
  // What a driver may hold in its port's io queue. 0: unlimited, as OTP.
  std::uint64_t driver_queue_bytes_max = 0;

  // Longest a driver callback may run before the watchdog reports it. 0: no watchdog, as OTP.
  std::uint32_t callback_watchdog_ms = 0;

  // Threads of the async pool. OTP's +A: 1 … 1024.
  std::uint32_t async_threads = 1;
  // Scheduler threads. OTP's +S: 1 … 1024; 0: one for each processor.
  std::uint32_t scheduler_threads = 0;

  // A port whose queue of signals holds more than `high` is busy until it holds less than `low`.
  // OTP's defaults.
  std::uint64_t message_queue_busy_low_bytes = 4096;
  std::uint64_t message_queue_busy_high_bytes = 8192;
  // The same for the io queue of our spawn, fd and TCP drivers (OTP's fixed watermarks).
  std::uint64_t driver_queue_busy_low_bytes = 4096;
  std::uint64_t driver_queue_busy_high_bytes = 8192;
};

// The argument of `+Q`: 1024 … 134217727, rounded up to a power of two (the top value stays as it
// is); `legacy` is the default limit.
Result<std::uint32_t> ParsePortLimit(std::string_view text);

// The limits themselves, or badopt naming the field that is out of its range.
Result<Limits> Validate(const Limits& limits);

}  // namespace portlab
