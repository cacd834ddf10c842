#include "limits/limits.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <string>

namespace portlab {
namespace {

constexpr std::uint32_t kThreadsMax = 1024;

Error OutOfRange(const char* field, const char* range) {
  return Error::BadOpt(std::string(field) + " must be " + range);
}

}  // namespace

std::uint32_t RoundUpPortLimit(std::uint32_t limit) {
  if (limit > kPortLimitMax / 2 + 1) return kPortLimitMax;
  return std::bit_ceil(limit);
}

Result<std::uint32_t> ParsePortLimit(std::string_view text) {
  if (text == "legacy") return kPortLimitDefault;
  // As OTP: the leading decimal number counts, and what follows it is ignored.
  const std::string terminated(text);
  char* end = nullptr;
  errno = 0;
  const long long number = std::strtoll(terminated.c_str(), &end, 10);
  if (end == terminated.c_str() || errno == ERANGE || number < kPortLimitMin ||
      number > kPortLimitMax) {
    return Fail(Error::BadArg("bad number of ports " + terminated + " (valid range is [" +
                              std::to_string(kPortLimitMin) + "-" + std::to_string(kPortLimitMax) +
                              "])"));
  }
  return RoundUpPortLimit(static_cast<std::uint32_t>(number));
}

std::uint32_t EffectivePortLimit(std::optional<std::uint32_t> from_option,
                                 const char* erl_max_ports) {
  if (from_option) return *from_option;
  if (erl_max_ports == nullptr) return kPortLimitDefault;
  const long long number = std::strtoll(erl_max_ports, nullptr, 10);
  return RoundUpPortLimit(
      static_cast<std::uint32_t>(std::clamp<long long>(number, kPortLimitMin, kPortLimitMax)));
}

Result<Limits> Validate(const Limits& limits) {
  if (limits.port_limit < 1 || limits.port_limit > kPortLimitMax) {
    return Fail(OutOfRange("port_limit", "1 to 134217727"));
  }
  if (limits.async_threads < 1 || limits.async_threads > kThreadsMax) {
    return Fail(OutOfRange("async_threads", "1 to 1024"));
  }
  if (limits.scheduler_threads > kThreadsMax) {
    return Fail(OutOfRange("scheduler_threads", "0 to 1024"));
  }
  if (limits.message_queue_busy_low_bytes < 1 ||
      limits.message_queue_busy_low_bytes > limits.message_queue_busy_high_bytes) {
    return Fail(OutOfRange("message_queue_busy_low_bytes", "1 to message_queue_busy_high_bytes"));
  }
  if (limits.driver_queue_busy_low_bytes < 1 ||
      limits.driver_queue_busy_low_bytes > limits.driver_queue_busy_high_bytes) {
    return Fail(OutOfRange("driver_queue_busy_low_bytes", "1 to driver_queue_busy_high_bytes"));
  }
  return limits;
}

}  // namespace portlab
