// How the port limit follows from what was asked for: `+Q`, else ERL_MAX_PORTS, else the default.
//
// Threads: pure functions. Ownership, errors: none; what is out of range in the variable is
// silently clamped, as OTP does. Source: erl(1) +Q and ERL_MAX_PORTS; otp_ports.md 4.1 (measured).
#pragma once

#include <cstdint>
#include <optional>

#include "portlab/limits.h"

namespace portlab {

// The next power of two, but never above kPortLimitMax.
std::uint32_t RoundUpPortLimit(std::uint32_t limit);

// `from_option`: what ParsePortLimit made of +Q, if it was given. `erl_max_ports`: the variable's
// value, or null. Its leading number counts, clamped to the range of +Q; text without one is 0.
std::uint32_t EffectivePortLimit(std::optional<std::uint32_t> from_option,
                                 const char* erl_max_ports);

}  // namespace portlab
