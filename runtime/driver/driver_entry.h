// What the runtime keeps of an ErlDrvEntry: a checked copy, made before init runs, so that a driver
// that edits its entry later changes nothing. Never reads past what the entry's version promises.
//
// Threads: a value. Errors: the load errors of erl_ddll, as reasons (driver_incorrect_version,
// bad_driver_name …). Source: driver_entry(3erl); otp_ports.md 2.1.
#pragma once

#include <string>
#include <string_view>

#include "erl_driver.h"
#include "portlab/error.h"

namespace portlab {

struct StartOptions;

struct DriverEntry {
  std::string name;
  int major = 0;
  int minor = 0;
  int flags = 0;
  int (*init)() = nullptr;
  ErlDrvData (*start)(ErlDrvPort, char*) = nullptr;
  void (*stop)(ErlDrvData) = nullptr;
  void (*output)(ErlDrvData, char*, ErlDrvSizeT) = nullptr;
  void (*ready_input)(ErlDrvData, ErlDrvEvent) = nullptr;
  void (*ready_output)(ErlDrvData, ErlDrvEvent) = nullptr;
  void (*finish)() = nullptr;
  ErlDrvSSizeT (*control)(ErlDrvData, unsigned int, char*, ErlDrvSizeT, char**,
                          ErlDrvSizeT) = nullptr;
  void (*timeout)(ErlDrvData) = nullptr;
  void (*outputv)(ErlDrvData, ErlIOVec*) = nullptr;
  void (*ready_async)(ErlDrvData, ErlDrvThreadData) = nullptr;
  void (*flush)(ErlDrvData) = nullptr;
  ErlDrvSSizeT (*call)(ErlDrvData, unsigned int, char*, ErlDrvSizeT, char**, ErlDrvSizeT,
                       unsigned int*) = nullptr;
  void (*process_exit)(ErlDrvData, ErlDrvMonitor*) = nullptr;
  void (*stop_select)(ErlDrvEvent, void*) = nullptr;
  void (*emergency_close)(ErlDrvData) = nullptr;

  bool has_flag(int flag) const { return (flags & flag) != 0; }

  // Checks marker, version and name, in OTP's order, and copies.
  static Result<DriverEntry> Copy(const ErlDrvEntry& entry, std::string_view requested_name);
  // Copies what is there, whatever it promises: add_driver_entry checks nothing.
  static DriverEntry CopyUnchecked(const ErlDrvEntry& entry);
};

}  // namespace portlab
