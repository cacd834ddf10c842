// The drivers the runtime knows, by name.
// Threads: all functions from any thread. Ownership: owns every Driver for its own life.
// Errors: Result with erl_ddll's reasons; Acquire says badarg for an unknown name, as open_port
// does. Source: erl_ddll(3erl); otp_ports.md 2.1, 7.1.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "driver/driver.h"
#include "portlab/error.h"

namespace portlab {

class DriverRegistry {
 public:
  DriverRegistry() = default;
  ~DriverRegistry();

  // A driver that is part of the executable (spawn). Runs init.
  Result<Driver*> AddLinkedIn(const ErlDrvEntry& entry);
  // dlopen(<directory>/<name>.so), driver_init, checks, init; one more user when it is loaded
  // already.
  Result<Driver*> Load(std::string_view directory, std::string_view name);
  // One user less; the last one releases the library once no port needs it.
  Result<void> Unload(std::string_view name);

  // Takes a port's reference on the named driver; unknown or unloading: badarg.
  Result<Driver*> AcquireForPort(std::string_view name);
  // The same; null: unknown or unloading.
  Driver* TryAcquireForPort(std::string_view name);
  void ReleaseFromPort(Driver& driver);
  void AddReference(Driver& driver) { driver.references.fetch_add(1, std::memory_order_relaxed); }
  void DropReference(Driver& driver);

  // Null: no such driver is loaded.
  Driver* Find(std::string_view name) const;
  std::vector<std::string> LoadedNames() const;

 private:
  Driver* FindLocked(std::string_view name) const REQUIRES(mutex_);
  Result<Driver*> Register(std::unique_ptr<Driver> driver);
  void ReleaseIfUnused(Driver& driver);

  // OTP's driver list lock: init and finish run under it, and add_driver_entry may be called from
  // init.
  mutable Mutex mutex_;
  std::vector<std::unique_ptr<Driver>> drivers_ GUARDED_BY(mutex_);
  std::vector<Driver*> loaded_ GUARDED_BY(mutex_);
};

}  // namespace portlab
