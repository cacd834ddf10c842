// What the host holds right now, and a watcher that keeps an eye on what changes too fast to be
// asked for.
//
// Threads: Take from one thread; ResourceWatcher has a plain thread of its own, which waits for
// nobody that could be stuck. Ownership: none outside. Units: bytes. Errors: none: what cannot be
// read counts as zero. Source: proc(5); isolation.md 5.2.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "base/order.h"
#include "base/unique_fd.h"
#include "faulty_drivers/trial/outcome.h"
#include "portlab/runtime.h"

namespace portlab {

struct Measure {
  std::int64_t resident_bytes = 0;
  std::int64_t heap_bytes = 0;  // what malloc has given out, exactly
  int fds = 0;
  int threads = 0;
  int port_count = 0;
  int driver_blocks = 0;
  int binaries = 0;

  // Gives back to the system what malloc only keeps in store, first.
  static Measure Take(const Runtime& runtime);
  // Takes one again and again until `as_expected` likes it, or until `deadline`: what was closed
  // gives its fds and blocks back in its own time. The last one taken.
  static Measure TakeWhen(const Runtime& runtime, Nanos deadline,
                          const std::function<bool(const Measure&)>& as_expected);
  // Equal in all but memory.
  bool SameCounts(const Measure& other) const;
  // What is more than it was `before`; the peak is not touched.
  Retained Since(const Measure& before) const;
};

// From now on malloc keeps no small freed blocks aside. They would be joined only when Take asks
// for the store, and what they join with at the end of a thread's heap is then out of its reach:
// tens of megabytes that nobody uses would be held against the driver. Once, before other threads
// allocate.
void FreedBlocksAreJoinedAtOnce();

// Resident memory of a process ("self" or a number). 0: it is gone.
std::int64_t ResidentBytes(const std::string& process);

class ResourceWatcher {
 public:
  ResourceWatcher();
  ~ResourceWatcher();
  ResourceWatcher(const ResourceWatcher&) = delete;
  ResourceWatcher& operator=(const ResourceWatcher&) = delete;

  // Highest resident memory of this process since the watcher was made.
  std::int64_t peak_bytes() const { return peak_.load(std::memory_order_relaxed); }

 private:
  void Sample();

  const UniqueFd statm_;  // kept open, so that the watcher does not change what it watches
  std::atomic<std::int64_t> peak_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace portlab
