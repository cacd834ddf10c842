// Thread specific data for drivers. As on OTP a destroyed key's data stays with its thread, and
// shows up under the next key of that number: the manual page asks the driver to clear it first.
// Source: erl_driver(3erl) erl_drv_tsd_key_create …
#include <erl_driver.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "driver_api/api_call.h"
#include "driver_api/named_object.h"

using portlab::ApiCall;
using portlab::ApiFunction;
using portlab::StopHost;

namespace {

class KeyTable {
 public:
  // The lowest free number.
  ErlDrvTSDKey Create(const char* name) {
    std::string text = portlab::NameOrUnknown(name);
    const portlab::MutexLock lock(mutex_);
    const auto free = std::find(names_.begin(), names_.end(), std::nullopt);
    const auto key = static_cast<ErlDrvTSDKey>(free - names_.begin());
    if (free == names_.end()) {
      names_.emplace_back(std::move(text));
    } else {
      *free = std::move(text);
    }
    return key;
  }

  // False: no such key.
  bool Destroy(ErlDrvTSDKey key) {
    const portlab::MutexLock lock(mutex_);
    if (!Has(key)) return false;
    names_[static_cast<std::size_t>(key)].reset();
    return true;
  }

  bool IsKey(ErlDrvTSDKey key) {
    const portlab::MutexLock lock(mutex_);
    return Has(key);
  }

  // Never destroyed: threads may still run when static objects are.
  static KeyTable& Get() {
    static auto* table = new KeyTable;
    return *table;
  }

 private:
  bool Has(ErlDrvTSDKey key) const REQUIRES(mutex_) {
    return key >= 0 && static_cast<std::size_t>(key) < names_.size() &&
           names_[static_cast<std::size_t>(key)].has_value();
  }

  portlab::Mutex mutex_;
  std::vector<std::optional<std::string>> names_ GUARDED_BY(mutex_);
};

thread_local std::vector<void*> own_data;

}  // namespace

int erl_drv_tsd_key_create(char* name, ErlDrvTSDKey* key) {
  ApiCall call(ApiFunction::k_erl_drv_tsd_key_create);
  if (key == nullptr) StopHost("erl_drv_tsd_key_create: the place for the key must not be NULL");
  try {
    *key = KeyTable::Get().Create(name);
    return 0;
  } catch (const std::bad_alloc&) {
    return ENOMEM;
  }
}

void erl_drv_tsd_key_destroy(ErlDrvTSDKey key) {
  ApiCall call(ApiFunction::k_erl_drv_tsd_key_destroy);
  if (!KeyTable::Get().Destroy(key)) StopHost("erl_drv_tsd_key_destroy: there is no such key");
}

void erl_drv_tsd_set(ErlDrvTSDKey key, void* data) {
  ApiCall call(ApiFunction::k_erl_drv_tsd_set);
  if (!KeyTable::Get().IsKey(key)) StopHost("erl_drv_tsd_set: there is no such key");
  const auto index = static_cast<std::size_t>(key);
  try {
    if (own_data.size() <= index) own_data.resize(index + 1, nullptr);
  } catch (const std::bad_alloc&) {
    StopHost("erl_drv_tsd_set: no memory, and no way to say so");
  }
  own_data[index] = data;
}

void* erl_drv_tsd_get(ErlDrvTSDKey key) {
  ApiCall call(ApiFunction::k_erl_drv_tsd_get);
  if (!KeyTable::Get().IsKey(key)) StopHost("erl_drv_tsd_get: there is no such key");
  const auto index = static_cast<std::size_t>(key);
  return index < own_data.size() ? own_data[index] : nullptr;
}
