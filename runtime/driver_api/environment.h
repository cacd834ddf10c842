// The emulated environment: what os:getenv and drivers see, and what programs are started with. A
// copy of the host's, taken at first use; the host's own is never changed, so C code that reads it
// meanwhile is safe.
//
// Threads: any. Source: erl_driver(3erl) erl_drv_getenv; os(3erl).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"

namespace portlab {

class Environment {
 public:
  static Environment& Get();

  std::optional<std::string> Find(const std::string& key);
  void Put(const std::string& key, const std::string& value);
  void Unset(const std::string& key);
  // "KEY=VALUE", sorted: what a program is started with.
  std::vector<std::string> Contents();

 private:
  Environment();

  Mutex mutex_;
  std::map<std::string, std::string> values_ GUARDED_BY(mutex_);
};

}  // namespace portlab
