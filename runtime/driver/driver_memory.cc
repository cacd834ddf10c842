#include "driver/driver_memory.h"

#include <cstddef>
#include <cstdlib>

#include "base/thread_lane.h"
#include "driver/guarded_memory.h"

namespace portlab {
namespace {

LaneCounter live_blocks;

constexpr std::size_t kAlignment = alignof(std::max_align_t);  // malloc's

}  // namespace

void* AllocateForDriver(std::size_t size) {
  void* block = GuardedMemory::on() ? GuardedMemory::Allocate(size, kAlignment)
                                    : std::malloc(size == 0 ? 1 : size);
  if (block != nullptr) live_blocks.Add(+1);
  return block;
}

void* ReallocateForDriver(void* block, std::size_t size) {
  if (block == nullptr) return AllocateForDriver(size);
  if (GuardedMemory::on()) return GuardedMemory::Reallocate(block, size, kAlignment);
  return std::realloc(block, size == 0 ? 1 : size);
}

void FreeForDriver(void* block) {
  if (block == nullptr) return;
  GuardedMemory::on() ? GuardedMemory::Free(block) : std::free(block);
  live_blocks.Add(-1);
}

std::int64_t LiveDriverBlocks() { return live_blocks.sum(); }

}  // namespace portlab
