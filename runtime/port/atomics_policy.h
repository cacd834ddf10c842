// The atomics of the port table, as a template policy, so that an explorer of interleavings runs
// the production code.
//
// A policy names one member template, `atomic<T>`, with the interface of std::atomic<T>. The table
// and its parts touch shared memory through Policy::atomic alone, with ordered operations and no
// standalone fences (TSan cannot see those), so a policy whose atomics first call a hook sees every
// point where another thread can matter. Threads, ownership: none. Source: concurrency.md 3.8.
#pragma once

#include <cstddef>

#include "base/atomic.h"

namespace portlab {

struct HostAtomics {
  template <class T>
  using atomic = Atomic<T>;
};

// Apart by this much, two atomics do not slow each other down.
inline constexpr std::size_t kCacheLineBytes = 64;

}  // namespace portlab
