// The conveniences: loads that belong to the whole program.
#include "portlab/ddll.h"

#include <filesystem>

#include "driver/driver_registry.h"
#include "driver/load_error.h"

namespace portlab {

Result<void> Ddll::LoadDriver(std::string_view directory, std::string_view name) {
  LoadRequest request;
  request.directory = std::string(directory);
  request.name = std::string(name);
  auto loaded = registry_.Load(request);
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
    return Fail(LoadError("open_error", file + ": no such file"));
  }
  const std::filesystem::path whole = std::filesystem::absolute(path, ignored);
  const std::string name = path.stem().string();
  auto loaded = LoadDriver(whole.parent_path().string(), name);
  if (!loaded) return Fail(loaded.error());
  return name;
}

Result<void> Ddll::UnloadDriver(std::string_view name) {
  UnloadRequest request;
  request.name = std::string(name);
  auto unloaded = registry_.Unload(request);
  if (!unloaded) return Fail(unloaded.error());
  return {};
}

std::vector<std::string> Ddll::LoadedNames() const {
  std::vector<std::string> names;
  for (const LoadedDriver& driver : registry_.DescribeAll()) names.push_back(driver.name);
  return names;
}

Result<DriverInfo> Ddll::Info(std::string_view name) const {
  const auto driver = registry_.Describe(name);
  if (!driver) return Fail(Error::BadArg("no driver '" + std::string(name) + "' is loaded"));
  DriverInfo info;
  info.users = driver->users();
  info.port_count = driver->driver == nullptr ? 0 : driver->driver->port_count.load();
  info.linked_in = driver->state == LoadState::kLinkedIn;
  return info;
}

}  // namespace portlab
