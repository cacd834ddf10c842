// The shared library a driver lives in: opening it, and the errors of that.
// Threads: any. Ownership: the caller closes with CloseDriverLibrary, once. Errors: the reasons of
// erl_ddll:try_load/3. Source: erl_ddll(3erl); otp_ports.md 2.1 steps 1 to 3.
#pragma once

#include <string>

#include "erl_driver.h"
#include "portlab/error.h"

namespace portlab {

struct DriverLibrary {
  void* handle;
  ErlDrvEntry* entry;  // what the driver's driver_init returned
};

// `path` has no extension: ".so" is appended, as OTP does.
Result<DriverLibrary> OpenDriverLibrary(const std::string& path);

// Under sanitizers and libFuzzer the library stays mapped: leak and race reports need its symbols,
// libFuzzer its counters.
void CloseDriverLibrary(void* handle);

}  // namespace portlab
