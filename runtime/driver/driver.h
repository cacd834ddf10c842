// A driver the runtime knows: its checked entry, its lock, its counts, the library it came from.
// Records are never freed while the runtime lives: a port of a finished driver may still point
// here.
//
// Threads: the entry is constant after loading; counts are atomic; `lock` is the lock of every port
// of a driver without ERL_DRV_FLAG_USE_PORT_LOCKING. Invariant: port_count is the number of ports
// that hold a reference; references = ports + async jobs + deferred stop_selects. The library is
// released when users and references are both zero. Source: driver_entry(3erl), erl_ddll(3erl);
// otp_ports.md 2.1, 7.1.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/order.h"
#include "driver/driver_entry.h"

namespace portlab {

class Driver {
 public:
  Driver(DriverEntry checked_entry, void* from_library, std::string from_path)
      : entry(std::move(checked_entry)), library(from_library), path(std::move(from_path)) {}

  const DriverEntry entry;
  void* const library;     // null: linked in
  const std::string path;  // where it was loaded from; empty: linked in
  OrderedMutex lock;
  std::atomic<int> port_count{0};
  std::atomic<int> references{0};
  std::atomic<int> users{0};           // loads by processes; a linked-in driver has one for ever
  std::atomic<bool> unloading{false};  // no new ports

  bool port_locking() const { return entry.has_flag(ERL_DRV_FLAG_USE_PORT_LOCKING); }
};

}  // namespace portlab
