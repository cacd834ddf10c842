#include "bif/open_port.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "bif/open_port_options.h"

namespace portlab {
namespace {

// OTP checks the file in the VM, so that these errors are open_port's and not an exit status.
Result<void> CheckExecutable(const std::string& file) {
  if (file.size() >= PATH_MAX) return Fail(Error::Errno(ENAMETOOLONG, file.substr(0, 64) + "…"));
  if (::access(file.c_str(), X_OK) != 0) return Fail(Error::Errno(errno, file));
  return {};
}

bool IsBuiltIn(std::string_view name) {
  return name == kSpawnDriverName || name == kFdDriverName || name == kVanillaDriverName;
}

bool LimitsWhatHasNoLimit(const StartOptions& options, const Driver& driver) {
  return options.busy_limits_msgq && *options.busy_limits_msgq != BusyLimits::Disabled() &&
         driver.entry.has_flag(ERL_DRV_FLAG_NO_BUSY_MSGQ);
}

}  // namespace

OpenPort::OpenPort(Process& self, const Term& name, const Term& options)
    : self_(self), parsed_(ParseOpenPort(name, options)) {}

Result<Driver*> OpenPort::ChooseDriver(const StartOptions& options) const {
  DriverRegistry& drivers = *Ports::Get().services().drivers;
  switch (options.name_kind) {
    case PortNameKind::kFd:
      return drivers.AcquireForPort(kFdDriverName);
    case PortNameKind::kVanilla:
      return drivers.AcquireForPort(kVanillaDriverName);
    case PortNameKind::kSpawnExecutable:
      if (auto runs = CheckExecutable(options.command); !runs) return Fail(runs.error());
      return drivers.AcquireForPort(kSpawnDriverName);
    case PortNameKind::kSpawn:
    case PortNameKind::kSpawnDriver:
      break;
  }
  return ChooseByFirstWord(options);
}

Result<Driver*> OpenPort::ChooseByFirstWord(const StartOptions& options) const {
  DriverRegistry& drivers = *Ports::Get().services().drivers;
  const std::string_view command = options.command;
  // Not memchr: for so few bytes its call is most of the cost.
  const auto end = std::ranges::find(command, ' ');
  const std::string_view word(command.begin(), end);
  if (!IsBuiltIn(word)) {
    if (options.exit_status && drivers.Find(word) != nullptr) {
      return Fail(Error::BadOpt("exit_status goes with external programs only"));
    }
    if (options.busy_limits_port && drivers.Find(word) != nullptr) {
      return Fail(Error::BadOpt("a loaded driver sets its own limits: no busy_limits_port"));
    }
    if (Driver* driver = drivers.TryAcquireForPort(word)) {
      if (!LimitsWhatHasNoLimit(options, *driver)) return driver;
      drivers.ReleaseFromPort(*driver);
      return Fail(Error::BadArg("a driver with ERL_DRV_FLAG_NO_BUSY_MSGQ: no busy_limits_msgq"));
    }
  }
  if (options.name_kind == PortNameKind::kSpawnDriver) {
    return Fail(
        Error::BadArg("no driver named '" + std::string(word) + "' is loaded; load it first"));
  }
  return drivers.AcquireForPort(kSpawnDriverName);
}

std::optional<Result<PortId>> OpenPort::operator()() {
  if (pending_ != nullptr) return Acknowledged();
  if (parsed_ && !*parsed_) return Fail(parsed_->error());
  const StartOptions& options = parsed_ ? **parsed_ : *borrowed_;
  const Result<Driver*> driver = ChooseDriver(options);
  if (!driver) return Fail(driver.error());
  Result<PortId> opened = Ports::Get().Open(self_, **driver, options, &pending_);
  if (!opened) return opened;
  port_ = *opened;
  if (pending_ == nullptr) return port_;
  return Acknowledged();
}

std::optional<Result<PortId>> OpenPort::Acknowledged() {
  if (!pending_->done.load(std::memory_order_acquire)) return std::nullopt;
  if (!pending_->result) return Fail(pending_->result.error());
  return port_;
}

}  // namespace portlab
