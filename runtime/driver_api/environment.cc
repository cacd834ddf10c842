#include "driver_api/environment.h"

#include <erl_driver.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <string_view>

#include "driver_api/api_call.h"

using portlab::ApiCall;
using portlab::ApiFunction;
using portlab::Environment;

namespace portlab {

Environment& Environment::Get() {
  // Never destroyed: drivers' threads may still ask when static objects are.
  static auto* environment = new Environment;
  return *environment;
}

Environment::Environment() {
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    // As getenv: the first of two entries with one key counts.
    if (equals != text.npos) values_.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
}

std::optional<std::string> Environment::Find(const std::string& key) {
  const MutexLock lock(mutex_);
  const auto found = values_.find(key);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

void Environment::Put(const std::string& key, const std::string& value) {
  const MutexLock lock(mutex_);
  values_.insert_or_assign(key, value);
}

void Environment::Unset(const std::string& key) {
  const MutexLock lock(mutex_);
  values_.erase(key);
}

std::vector<std::string> Environment::Contents() {
  const MutexLock lock(mutex_);
  std::vector<std::string> contents;
  contents.reserve(values_.size());
  for (const auto& [key, value] : values_) contents.push_back(key + "=" + value);
  return contents;
}

}  // namespace portlab

// Measured on OTP 25: every key is taken, also an empty one and one with '=' in it.
int erl_drv_putenv(const char* key, char* value) {
  ApiCall call(ApiFunction::k_erl_drv_putenv);
  if (key == nullptr || value == nullptr) {
    portlab::StopHost("erl_drv_putenv: key and value must not be NULL");
  }
  try {
    Environment::Get().Put(key, value);
    return 0;
  } catch (const std::bad_alloc&) {
    return ENOMEM;
  }
}

// The manual page promises that a size too small becomes the size needed. OTP 25 leaves the size
// passed in less one there, when there is no such variable as well, and a driver has to live with
// that; so it does here.
int erl_drv_getenv(const char* key, char* value, size_t* value_size) {
  ApiCall call(ApiFunction::k_erl_drv_getenv);
  if (key == nullptr || value == nullptr || value_size == nullptr) {
    portlab::StopHost("erl_drv_getenv: key, value and size must not be NULL");
  }
  try {
    const std::optional<std::string> found = Environment::Get().Find(key);
    if (!found || found->size() >= *value_size) {
      --*value_size;
      return found ? 1 : -1;
    }
    std::memcpy(value, found->c_str(), found->size() + 1);
    *value_size = found->size();
    return 0;
  } catch (const std::bad_alloc&) {
    return -1;
  }
}
