// The drivers the runtime knows, by name, and erl_ddll's account of who needs them.
//
// Threads: all functions from any thread. Ownership: owns every Driver for its own life.
// Errors: Result with erl_ddll's reasons (load_state.h); an open_error has its number in
// `error_number`. Acquire says badarg for an unknown name, as open_port does. Locks: `loading_` is
// OTP's driver list lock: init and finish run under it, and add_driver_entry may be called from
// init. It is taken before the short mutex and after a port's lock; no port's lock is taken under
// it. Source: erl_ddll(3erl); otp_ports.md 2.1, 7.1.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "driver/driver.h"
#include "portlab/error.h"
#include "portlab/term.h"

namespace portlab {

// {monitor, pending_driver | pending} of try_load and try_unload.
enum class MonitorPending : std::uint8_t { kNo, kDriver, kAny };
// {reload, pending_driver | pending}: the first refuses when others have the driver loaded.
enum class Reload : std::uint8_t { kNo, kSoleUser, kAlways };

struct LoadRequest {
  Pid by;  // none: the program the runtime is part of
  std::string directory;
  std::string name;
  bool kill_ports = false;
  Reload reload = Reload::kNo;
  MonitorPending monitor = MonitorPending::kNo;
  RefId reference;  // for a monitor, should there be one
};

struct UnloadRequest {
  Pid by;
  std::string name;
  bool kill_ports = false;
  MonitorPending monitor = MonitorPending::kNo;
  RefId reference;
};

struct LoadAnswer {
  std::string_view word;   // of {ok,Word}
  bool monitored = false;  // the request's reference is in use
};

class DriverRegistry {
 public:
  DriverRegistry() = default;
  ~DriverRegistry();

  struct Services {
    // A message for a process that waits.
    std::function<void(Pid to, Term message)> notify;
    // Ends every port of the driver, with reason driver_unloaded. Called without a lock.
    std::function<void(Driver&)> kill_ports;
  };
  // Before the first load.
  void Connect(Services services) { services_ = std::move(services); }

  // ---- erl_ddll ----
  Result<LoadAnswer> Load(const LoadRequest& request);
  Result<LoadAnswer> Unload(const UnloadRequest& request);
  // A notice comes at once, or when it happens; `given_name` is how the process named the driver.
  void Monitor(Pid by, std::string_view name, Waiting when, RefId reference, Term given_name);
  void Demonitor(Pid by, RefId reference);
  // A process that may have loaded drivers or monitored some has exited.
  void ForgetProcess(Pid process);
  // driver_lock_driver. False: it is linked in.
  bool MakePermanent(Driver& driver);
  // A copy; its `driver` is only to be looked at. Nullopt: not loaded.
  std::optional<LoadedDriver> Describe(std::string_view name) const;
  // Newest last. Without what erl_ddll does not know.
  std::vector<LoadedDriver> DescribeAll() const;

  // ---- Drivers that are part of the executable, or of another driver ----
  // Checks the entry and runs init. `hidden`: the runtime's own, not known to erl_ddll.
  Result<Driver*> AddLinkedIn(const ErlDrvEntry& entry, bool hidden = false);
  // add_driver_entry: unchecked, as on OTP; a failing init is forgotten.
  void AddEntry(const ErlDrvEntry& entry);
  // remove_driver_entry: 1 removed, 0 unknown, -1 loaded by erl_ddll.
  int RemoveEntry(const ErlDrvEntry& entry);

  // ---- References ----
  // Takes a port's reference on the named driver; unknown or being killed: badarg.
  Result<Driver*> AcquireForPort(std::string_view name);
  // The same; null: unknown or being killed.
  Driver* TryAcquireForPort(std::string_view name);
  // One more port of a driver that has one. False: its ports are being killed.
  bool TryAcquireAgain(Driver& driver);
  void ReleaseFromPort(Driver& driver);
  void AddReference(Driver& driver) { driver.references.fetch_add(1, std::memory_order_relaxed); }
  void DropReference(Driver& driver);

  // Null: no such driver is loaded.
  Driver* Find(std::string_view name) const;

 private:
  class Loading;  // holds loading_, unless this thread does already
  using Messages = std::vector<std::pair<Pid, Term>>;

  LoadedDriver* FindLocked(std::string_view name) const REQUIRES(mutex_);
  LoadedDriver* FindLocked(const Driver& driver) const REQUIRES(mutex_);
  bool LiesIdle(const LoadedDriver& loaded) const REQUIRES(mutex_);
  // Makes the move of the table; fills in whom to tell.
  const LoadMove* Move(LoadedDriver& loaded, LoadEvent event, bool kill, Messages& messages,
                       const Error* failure = nullptr) REQUIRES(mutex_);
  Result<LoadAnswer> LoadAnew(const LoadRequest& request);
  Result<Driver*> Open(const std::string& path, const std::string& name);
  Driver* Own(std::unique_ptr<Driver> driver);
  Result<void> RunInit(Driver& driver);
  Result<Driver*> AddChecked(DriverEntry entry, const ErlDrvEntry& source, bool hidden);
  static void Take(Driver& driver);
  // finish, and the library is closed.
  void Release(Driver& driver);
  // False: the process has no load of it.
  bool TakeBackLoad(LoadedDriver& loaded, Pid process) REQUIRES(mutex_);
  void Forget(const LoadedDriver& loaded) REQUIRES(mutex_);
  // Takes the library out if nothing needs it; reloads if that was asked for.
  void FinishPending(const std::string& name);
  void FinishReload(const std::string& name);
  void Tell(Messages messages);

  Services services_;
  OrderedMutex loading_;
  mutable Mutex mutex_;
  std::vector<std::unique_ptr<Driver>> drivers_ GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<LoadedDriver>> loaded_ GUARDED_BY(mutex_);
  std::atomic<bool> processes_concerned_{false};  // else one that exits concerns no driver
};

}  // namespace portlab
