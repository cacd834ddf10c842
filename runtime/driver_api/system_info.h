// What driver_system_info answers. The defaults are OTP 25's versions, because drivers compare
// against those; the runtime sets its numbers of threads before it loads a driver.
//
// Threads: Set before drivers are loaded, read from any thread after. Source: erl_driver(3erl)
// ErlDrvSysInfo.
#pragma once

#include <string>

namespace portlab {

struct SystemInfo {
  std::string erts_version = "13.1.5";
  std::string otp_release = "25";
  int async_threads = 1;
  int scheduler_threads = 1;
};

void SetSystemInfo(const SystemInfo& info);

}  // namespace portlab
