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

void SetContract(Contract contract);

// With kStrict, StopHost(text); `text` is "function: rule". With kOtp it returns, and the caller
// does what OTP does.
void Misuse(const char* text);

}  // namespace portlab
