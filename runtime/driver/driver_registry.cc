#include "driver/driver_registry.h"

#include <algorithm>

#include "driver/callback_scope.h"
#include "driver/driver_library.h"

namespace portlab {

DriverRegistry::~DriverRegistry() {
  // finish() of what is still loaded; the libraries stay mapped until the process ends, as on OTP's
  // halt.
  MutexLock lock(mutex_);
  for (Driver* driver : loaded_) {
    if (driver->entry.finish == nullptr || driver->references.load() != 0) continue;
    CallbackScope scope(CallbackKind::kFinish, PortId{}, driver, Pid{});
    driver->entry.finish();
  }
}

Driver* DriverRegistry::FindLocked(std::string_view name) const {
  for (Driver* driver : loaded_) {
    if (driver->entry.name == name) return driver;
  }
  return nullptr;
}

Driver* DriverRegistry::Find(std::string_view name) const {
  MutexLock lock(mutex_);
  return FindLocked(name);
}

std::vector<std::string> DriverRegistry::LoadedNames() const {
  MutexLock lock(mutex_);
  std::vector<std::string> names;
  for (Driver* driver : loaded_) names.push_back(driver->entry.name);
  return names;
}

Result<Driver*> DriverRegistry::Register(std::unique_ptr<Driver> driver) {
  Driver* registered = driver.get();
  {
    MutexLock lock(mutex_);
    drivers_.push_back(std::move(driver));
    loaded_.push_back(registered);
  }
  int failed = 0;
  if (registered->entry.init != nullptr) {
    CallbackScope scope(CallbackKind::kInit, PortId{}, registered, Pid{});
    failed = registered->entry.init();
  }
  if (failed == 0) return registered;
  MutexLock lock(mutex_);
  std::erase(loaded_, registered);
  Error error = Error::BadArg("the driver's init callback returned " + std::to_string(failed));
  error.fixed_reason = "driver_init_failed";
  return Fail(std::move(error));
}

Result<Driver*> DriverRegistry::AddLinkedIn(const ErlDrvEntry& entry) {
  auto copy = DriverEntry::Copy(entry, entry.driver_name);
  if (!copy) return Fail(copy.error());
  auto driver = std::make_unique<Driver>(*std::move(copy), nullptr, "");
  driver->users.store(1);
  return Register(std::move(driver));
}

Result<Driver*> DriverRegistry::Load(std::string_view directory, std::string_view name) {
  const std::string path = std::string(directory) + "/" + std::string(name);
  if (Driver* loaded = Find(name)) {
    if (loaded->library == nullptr) {
      Error error = Error::BadArg("'" + std::string(name) + "' is linked into the runtime");
      error.fixed_reason = "linked_in_driver";
      return Fail(std::move(error));
    }
    if (loaded->path != path) {
      Error error = Error::BadArg("'" + std::string(name) + "' is already loaded from " +
                                  loaded->path + ".so");
      error.fixed_reason = "inconsistent";
      return Fail(std::move(error));
    }
    loaded->unloading.store(false);
    loaded->users.fetch_add(1);
    return loaded;
  }
  auto library = OpenDriverLibrary(path);
  if (!library) return Fail(library.error());
  auto copy = DriverEntry::Copy(*library->entry, name);
  if (!copy) {
    CloseDriverLibrary(library->handle);
    return Fail(copy.error());
  }
  auto driver = std::make_unique<Driver>(*std::move(copy), library->handle, path);
  driver->users.store(1);
  auto registered = Register(std::move(driver));
  if (!registered) CloseDriverLibrary(library->handle);
  return registered;
}

Result<void> DriverRegistry::Unload(std::string_view name) {
  Driver* driver = Find(name);
  if (driver == nullptr) {
    Error error = Error::BadArg("no driver '" + std::string(name) + "' is loaded");
    error.fixed_reason = "not_loaded";
    return Fail(std::move(error));
  }
  if (driver->library == nullptr) {
    Error error = Error::BadArg("'" + std::string(name) + "' is linked into the runtime");
    error.fixed_reason = "linked_in_driver";
    return Fail(std::move(error));
  }
  if (driver->users.fetch_sub(1) == 1) driver->unloading.store(true);
  ReleaseIfUnused(*driver);
  return {};
}

Result<Driver*> DriverRegistry::AcquireForPort(std::string_view name) {
  if (Driver* driver = TryAcquireForPort(name)) return driver;
  return Fail(
      Error::BadArg("no driver named '" + std::string(name) + "' is loaded; load it first"));
}

Driver* DriverRegistry::TryAcquireForPort(std::string_view name) {
  MutexLock lock(mutex_);
  Driver* driver = FindLocked(name);
  if (driver == nullptr) return nullptr;
  driver->port_count.fetch_add(1, std::memory_order_relaxed);
  driver->references.fetch_add(1, std::memory_order_relaxed);
  return driver;
}

void DriverRegistry::ReleaseFromPort(Driver& driver) {
  driver.port_count.fetch_sub(1, std::memory_order_relaxed);
  DropReference(driver);
}

void DriverRegistry::DropReference(Driver& driver) {
  if (driver.references.fetch_sub(1, std::memory_order_acq_rel) == 1) ReleaseIfUnused(driver);
}

void DriverRegistry::ReleaseIfUnused(Driver& driver) {
  {
    MutexLock lock(mutex_);
    if (driver.users.load() != 0 || driver.references.load() != 0 || driver.library == nullptr)
      return;
    if (std::erase(loaded_, &driver) == 0) return;  // somebody else releases it
  }
  if (driver.entry.finish != nullptr) {
    CallbackScope scope(CallbackKind::kFinish, PortId{}, &driver, Pid{});
    driver.entry.finish();
  }
  CloseDriverLibrary(driver.library);
}

}  // namespace portlab
