// Loading and unloading linked-in drivers, after OTP's erl_ddll. A driver stays in memory while a
// user (one load each) or a port needs it.
//
// Threads: all functions from any thread. Errors: Result with erl_ddll's reasons (open_error,
// no_driver_init, driver_incorrect_version, bad_driver_name, driver_init_failed, inconsistent,
// not_loaded, linked_in_driver); `detail` says what was wrong and what to do. Source:
// erl_ddll(3erl) load_driver/2, unload_driver/1, loaded_drivers/0.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "portlab/error.h"

namespace portlab {

class DriverRegistry;

struct DriverInfo {
  int users = 0;
  int port_count = 0;
  bool linked_in = false;
};

class Ddll {
 public:
  explicit Ddll(DriverRegistry& registry) : registry_(registry) {}
  // Loads <directory>/<name>.so, or counts one more user of it.
  Result<void> LoadDriver(std::string_view directory, std::string_view name);
  // The same, given the path of the .so: the driver's name is the file's.
  Result<std::string> LoadDriverFile(const std::string& file);
  Result<void> UnloadDriver(std::string_view name);
  std::vector<std::string> LoadedDrivers() const;
  Result<DriverInfo> Info(std::string_view name) const;

 private:
  DriverRegistry& registry_;
};

}  // namespace portlab
