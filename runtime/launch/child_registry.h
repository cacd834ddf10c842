// Which children of this process launch/ started itself. Private to start_program.cc and
// descendants.cc.
//
// Threads: the mutex is held from before a child exists until it is listed, and while it is reaped:
// so a child is never seen unlisted, nor its number listed after it may be someone else's.
// Ownership: one for the process, never destroyed.
#pragma once

#include <sys/types.h>

#include <unordered_set>

#include "base/mutex.h"

namespace portlab {

struct ChildRegistry {
  static ChildRegistry& Get() {
    static ChildRegistry& registry = *new ChildRegistry;
    return registry;
  }

  Mutex mutex;
  std::unordered_set<pid_t> own GUARDED_BY(mutex);
};

}  // namespace portlab
