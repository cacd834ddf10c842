#include "driver/driver_memory.h"

#include <atomic>
#include <cstdlib>

namespace portlab {
namespace {

std::atomic<std::int64_t> live_blocks{0};

}  // namespace

void* AllocateForDriver(std::size_t size) {
  void* block = std::malloc(size == 0 ? 1 : size);
  if (block != nullptr) live_blocks.fetch_add(1, std::memory_order_relaxed);
  return block;
}

void* ReallocateForDriver(void* block, std::size_t size) {
  if (block == nullptr) return AllocateForDriver(size);
  return std::realloc(block, size == 0 ? 1 : size);
}

void FreeForDriver(void* block) {
  if (block == nullptr) return;
  std::free(block);
  live_blocks.fetch_sub(1, std::memory_order_relaxed);
}

std::int64_t LiveDriverBlocks() { return live_blocks.load(std::memory_order_relaxed); }

}  // namespace portlab
