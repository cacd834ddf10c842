// Guard pages and a quarantine around what drivers allocate: driver_alloc, driver_alloc_binary and
// every other binary, which drivers get to hold, too. A wild access ends the host where it happens,
// also in a driver that no sanitizer has seen; a wrong free ends it at once.
//
// Before it ends, the black box gets a line "guard:<kind>: …" (kGuardMark): which block, of what
// size, allocated and freed in which callbacks. Kinds: heap-overflow, heap-underflow,
// use-after-free, double-free, bad-free. An access that faults ends with SIGSEGV, as it would
// without; the rest, found in a call, with SIGABRT.
//
// Off, it costs one predictable branch. Threads: any; TurnOn before drivers are loaded, for good.
// Errors: null when there is no memory. When the kernel's bound of mappings is reached, blocks come
// from malloc, unguarded, and are counted. Not together with AddressSanitizer, which does this
// itself. Source: isolation.md 5.2; erl_driver(3erl) driver_alloc, driver_alloc_binary.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace portlab {

// How a message in the black box begins that is one of these reports.
inline constexpr std::string_view kGuardMark = "guard:";

struct GuardedCounts {
  std::size_t live = 0;         // guarded blocks
  std::size_t quarantined = 0;  // freed ones whose addresses are not in use again
  std::int64_t unguarded = 0;   // blocks that malloc had to give, ever
};

class GuardedMemory {
 public:
  static bool on() { return on_.load(std::memory_order_relaxed); }
  // Of the whole process, and for good. Again: nothing.
  static void TurnOn();

  // REQUIRES, as all below: on().
  static void* Allocate(std::size_t size, std::size_t alignment);
  static void* Reallocate(void* block, std::size_t size, std::size_t alignment);
  static void Free(void* block);  // null: nothing
  // Returns only if Free(block) would do no harm.
  static void ExpectMayBeFreed(const void* block);
  static GuardedCounts Counts();

  // So that a fault for want of stack can be told apart: SIGSEGV's handler gets a stack of its own
  // on this thread. Cheap when the thread has one.
  static void GiveThisThreadASignalStack();

 private:
  static inline std::atomic<bool> on_{false};
};

}  // namespace portlab
