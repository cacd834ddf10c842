#include "driver/driver_memory.h"

#include <atomic>
#include <cstddef>
#include <cstdlib>

#include "base/atomic.h"
#include "base/thread_lane.h"
#include "driver/callback_scope.h"
#include "driver/checked_memory.h"
#include "driver/guarded_memory.h"

namespace portlab {
namespace {

LaneCounter live_blocks;
Atomic<std::uint32_t> until_failure{0};  // 0: no allocation is to fail
std::atomic<bool> any_failed{false};

constexpr std::size_t kAlignment = alignof(std::max_align_t);  // malloc's

#if defined(PORTLAB_FUZZ_HOST)
using Plain = CheckedMemory;
#else
struct Plain {
  static void* Allocate(std::size_t size) { return std::malloc(size == 0 ? 1 : size); }
  static void* Reallocate(void* block, std::size_t size) {
    return std::realloc(block, size == 0 ? 1 : size);
  }
  static void Free(void* block) { std::free(block); }
};
#endif

}  // namespace

void* AllocateForDriver(std::size_t size) {
  void* block =
      GuardedMemory::on() ? GuardedMemory::Allocate(size, kAlignment) : Plain::Allocate(size);
  if (block != nullptr) live_blocks.Add(+1);
  return block;
}

void* ReallocateForDriver(void* block, std::size_t size) {
  if (block == nullptr) return AllocateForDriver(size);
  if (GuardedMemory::on()) return GuardedMemory::Reallocate(block, size, kAlignment);
  return Plain::Reallocate(block, size);
}

void FreeForDriver(void* block) {
  if (block == nullptr) return;
  GuardedMemory::on() ? GuardedMemory::Free(block) : Plain::Free(block);
  live_blocks.Add(-1);
}

void FailDriverAllocation(std::uint32_t nth) {
  until_failure.store(nth, std::memory_order_relaxed);
  any_failed.store(false, std::memory_order_relaxed);
}

bool AnyDriverAllocationFailed() { return any_failed.load(std::memory_order_relaxed); }

bool DriverAllocationFails() {
  std::uint32_t left = until_failure.load(std::memory_order_relaxed);
  if (left == 0 || !CallbackScope::Recorded()) return false;
  while (left != 0 && !until_failure.compare_exchange_weak(left, left - 1)) continue;
  if (left == 1) any_failed.store(true, std::memory_order_relaxed);
  return left == 1;
}

std::int64_t LiveDriverBlocks() { return live_blocks.sum(); }

}  // namespace portlab
