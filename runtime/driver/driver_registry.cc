// The list itself, the references on its drivers, and drivers that are linked in.
#include "driver/driver_registry.h"

#include <algorithm>

#include "base/same_text.h"
#include "driver/callback_scope.h"
#include "driver/driver_loading.h"
#include "driver/load_error.h"

namespace portlab {
namespace {

void RunFinish(Driver& driver) {
  if (driver.entry.finish == nullptr) return;
  CallbackScope scope(CallbackKind::kFinish, PortId{}, &driver, Pid{});
  driver.entry.finish();
}

}  // namespace

int LoadedDriver::users() const {
  return static_cast<int>(
      std::count_if(uses.begin(), uses.end(), [](const Use& use) { return use.waiting == 0; }));
}

bool LoadedDriver::IsUser(Pid process) const {
  return std::any_of(uses.begin(), uses.end(),
                     [&](const Use& use) { return use.waiting == 0 && use.process == process; });
}

DriverRegistry::~DriverRegistry() {
  // finish() of what is still loaded; the libraries stay mapped until the process ends, as on OTP's
  // halt.
  MutexLock lock(mutex_);
  for (const auto& loaded : loaded_) {
    Driver* driver = loaded->driver;
    if (driver != nullptr && driver->references.load() == 0) RunFinish(*driver);
  }
}

LoadedDriver* DriverRegistry::FindLocked(std::string_view name) const {
  for (const auto& loaded : loaded_) {
    if (SameText(loaded->name, name)) return loaded.get();
  }
  return nullptr;
}

LoadedDriver* DriverRegistry::FindLocked(const Driver& driver) const {
  for (const auto& loaded : loaded_) {
    if (loaded->driver == &driver) return loaded.get();
  }
  return nullptr;
}

Driver* DriverRegistry::Find(std::string_view name) const {
  MutexLock lock(mutex_);
  const LoadedDriver* loaded = FindLocked(name);
  return loaded == nullptr ? nullptr : loaded->driver;
}

std::optional<LoadedDriver> DriverRegistry::Describe(std::string_view name) const {
  MutexLock lock(mutex_);
  const LoadedDriver* loaded = FindLocked(name);
  if (loaded == nullptr || loaded->hidden) return std::nullopt;
  return *loaded;
}

std::vector<LoadedDriver> DriverRegistry::DescribeAll() const {
  MutexLock lock(mutex_);
  std::vector<LoadedDriver> all;
  for (const auto& loaded : loaded_) {
    if (!loaded->hidden) all.push_back(*loaded);
  }
  return all;
}

Driver* DriverRegistry::Own(std::unique_ptr<Driver> driver) {
  MutexLock lock(mutex_);
  return drivers_.emplace_back(std::move(driver)).get();
}

Result<void> DriverRegistry::RunInit(Driver& driver) {
  if (driver.entry.init == nullptr) return {};
  CallbackScope scope(CallbackKind::kInit, PortId{}, &driver, Pid{});
  const int failed = driver.entry.init();
  if (failed == 0) return {};
  return Fail(LoadError("driver_init_failed",
                        "the driver's init callback returned " + std::to_string(failed)));
}

Result<Driver*> DriverRegistry::AddChecked(DriverEntry entry, const ErlDrvEntry& source,
                                           bool hidden) {
  const Loading loading(*this);
  Driver* driver = Own(std::make_unique<Driver>(std::move(entry), &source, nullptr));
  if (auto started = RunInit(*driver); !started) return Fail(started.error());
  auto loaded = std::make_unique<LoadedDriver>();
  loaded->name = driver->entry.name;
  loaded->hidden = hidden;
  loaded->state = LoadState::kLinkedIn;
  loaded->driver = driver;
  MutexLock lock(mutex_);
  loaded_.push_back(std::move(loaded));
  return driver;
}

Result<Driver*> DriverRegistry::AddLinkedIn(const ErlDrvEntry& entry, bool hidden) {
  auto checked = DriverEntry::Copy(entry, entry.driver_name);
  if (!checked) return Fail(checked.error());
  return AddChecked(*std::move(checked), entry, hidden);
}

void DriverRegistry::AddEntry(const ErlDrvEntry& entry) {
  (void)AddChecked(DriverEntry::CopyUnchecked(entry), entry, false);
}

int DriverRegistry::RemoveEntry(const ErlDrvEntry& entry) {
  MutexLock lock(mutex_);
  const auto found = std::find_if(loaded_.begin(), loaded_.end(), [&](const auto& each) {
    return each->driver != nullptr && each->driver->source == &entry;
  });
  if (found == loaded_.end()) return 0;
  if ((*found)->state != LoadState::kLinkedIn) return -1;
  loaded_.erase(found);
  return 1;
}

Result<Driver*> DriverRegistry::AcquireForPort(std::string_view name) {
  if (Driver* driver = TryAcquireForPort(name)) return driver;
  return Fail(
      Error::BadArg("no driver named '" + std::string(name) + "' is loaded; load it first"));
}

Driver* DriverRegistry::TryAcquireForPort(std::string_view name) {
  for (;;) {
    {
      MutexLock lock(mutex_);
      LoadedDriver* loaded = FindLocked(name);
      if (loaded == nullptr || IsForced(loaded->state)) return nullptr;
      if (loaded->driver != nullptr) {
        Take(*loaded->driver);
        return loaded->driver;
      }
      if (loading_.HeldByThisThread()) return nullptr;
    }
    const Loading until_reloaded(*this);
  }
}

bool DriverRegistry::TryAcquireAgain(Driver& driver) {
  MutexLock lock(mutex_);
  const LoadedDriver* loaded = FindLocked(driver);
  if (loaded != nullptr && IsForced(loaded->state)) return false;
  Take(driver);
  return true;
}

void DriverRegistry::Take(Driver& driver) {
  driver.port_count.fetch_add(1, std::memory_order_relaxed);
  driver.references.fetch_add(1, std::memory_order_relaxed);
}

void DriverRegistry::ReleaseFromPort(Driver& driver) {
  driver.port_count.fetch_sub(1, std::memory_order_relaxed);
  DropReference(driver);
}

void DriverRegistry::DropReference(Driver& driver) {
  if (driver.references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  std::string name;
  {
    MutexLock lock(mutex_);
    const LoadedDriver* loaded = FindLocked(driver);
    if (loaded == nullptr || !LiesIdle(*loaded)) return;
    name = loaded->name;
  }
  FinishPending(name);
}

void DriverRegistry::Release(Driver& driver) {
  RunFinish(driver);
  CloseDriverLibrary(driver.library);
}

}  // namespace portlab
