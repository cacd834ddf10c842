// What the runtime does about a driver that breaks a rule of the API which OTP does not enforce,
// such as unlocking another thread's mutex. Breaches that end the VM in OTP, too, go straight to
// StopHost.
//
// Threads: Set before drivers are loaded; Misuse from any thread.
#pragma once

#include <cstdint>

namespace portlab {

enum class Contract : std::uint8_t {
  kStrict,  // stop the host with a report: what the lab wants to know. The default
  kOtp,     // carry on as OTP 25 does: for differential tests
};

// The name of an API function by its number in the black box.
using ApiNameOf = const char* (*)(std::uint32_t number);

// Without `api_name` a report leaves out which API call came last.
void SetContract(Contract contract, ApiNameOf api_name = nullptr);

// The API call that this thread made last, by its number in the black box; 0: none yet. (The black
// box has the host's last one: while a thread breaks a rule, another may call.)
inline constinit thread_local std::uint32_t last_api_call = 0;

// With kStrict, StopHost with the report: `text`, which is "rule: what is wrong" (the rule of a
// function is the function's name), the callback and the port of this thread, and its last API
// call. With kOtp it returns, and the caller does what OTP does.
void Misuse(const char* text);

}  // namespace portlab
