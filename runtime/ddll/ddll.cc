#include "portlab/ddll.h"

#include <filesystem>

#include "driver/driver_registry.h"

namespace portlab {

Result<void> Ddll::LoadDriver(std::string_view directory, std::string_view name) {
  auto loaded = registry_.Load(directory, name);
  if (!loaded) return Fail(loaded.error());
  return {};
}

Result<std::string> Ddll::LoadDriverFile(const std::string& file) {
  const std::filesystem::path path(file);
  if (path.extension() != ".so") {
    return Fail(Error::BadArg(file + ": a driver is a shared library, <driver name>.so"));
  }
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    Error error = Error::BadArg(file + ": no such file");
    error.fixed_reason = "open_error";
    return Fail(std::move(error));
  }
  const std::filesystem::path whole = std::filesystem::absolute(path, ignored);
  const std::string name = path.stem().string();
  auto loaded = LoadDriver(whole.parent_path().string(), name);
  if (!loaded) return Fail(loaded.error());
  return name;
}

Result<void> Ddll::UnloadDriver(std::string_view name) { return registry_.Unload(name); }

std::vector<std::string> Ddll::LoadedDrivers() const { return registry_.LoadedNames(); }

Result<DriverInfo> Ddll::Info(std::string_view name) const {
  const Driver* driver = registry_.Find(name);
  if (driver == nullptr)
    return Fail(Error::BadArg("no driver '" + std::string(name) + "' is loaded"));
  return DriverInfo{driver->users.load(), driver->port_count.load(), driver->library == nullptr};
}

}  // namespace portlab
