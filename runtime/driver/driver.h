// A driver the runtime knows: its checked entry, its lock, its counts, the library it came from.
// Records are never freed while the runtime lives: a port of a finished driver may still point
// here.
//
// Threads: the entry is constant after loading; counts are atomic; `lock` is the lock of every port
// of a driver without ERL_DRV_FLAG_USE_PORT_LOCKING. Invariant: port_count is the number of ports
// that hold a reference; references = ports + async jobs + deferred stop_selects. The library is
// released when nobody has it loaded and references are zero. Source: driver_entry(3erl),
// erl_ddll(3erl); otp_ports.md 2.1, 7.1.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/atomic.h"
#include "base/ids.h"
#include "base/order.h"
#include "driver/driver_entry.h"
#include "driver/load_state.h"

namespace portlab {

class Driver {
 public:
  Driver(DriverEntry checked_entry, const ErlDrvEntry* from, void* from_library)
      : entry(std::move(checked_entry)), source(from), library(from_library) {}

  const DriverEntry entry;
  const ErlDrvEntry* const source;  // what it was copied from; may be gone: only to be compared
  void* const library;              // null: linked in
  OrderedMutex lock;
  Atomic<int> port_count{0};
  Atomic<int> references{0};
  // Its ports are being ended (kForceUnload, kForceReload): also one that was just being opened.
  std::atomic<bool> ports_killed{false};

  bool port_locking() const { return entry.has_flag(ERL_DRV_FLAG_USE_PORT_LOCKING); }
};

// What erl_ddll knows of a driver by its name, across reloads. Under the registry's mutex.
struct LoadedDriver {
  // A process that has the driver loaded (once each), or waits for something to happen to it.
  struct Use {
    Pid process;               // none: the program the runtime is part of
    std::uint8_t waiting = 0;  // a Waiting bit; 0: it has the driver loaded
    RefId reference;           // of who waits
  };

  std::string name;
  std::string path;  // <directory>/<name>; empty: linked in
  bool kill_ports = false;
  bool hidden = false;  // the runtime's own: erl_ddll does not know it
  LoadState state = LoadState::kLoaded;
  Driver* driver = nullptr;  // null for the time of a reload
  std::string reload_path;
  std::vector<Use> uses;  // oldest first

  int users() const;
  bool IsUser(Pid process) const;
};

}  // namespace portlab
