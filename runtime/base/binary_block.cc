#include "base/binary_block.h"

#include <cstdlib>
#include <new>

#include "base/thread_lane.h"

namespace portlab {
namespace {

LaneCounter live_blocks;
std::atomic<const BinaryBlock::Memory*> other_memory{nullptr};  // null: malloc's

void* AllocateBytes(std::size_t bytes) {
  const BinaryBlock::Memory* other = other_memory.load(std::memory_order_relaxed);
  return other == nullptr ? std::malloc(bytes) : other->allocate(bytes);
}

void* ReallocateBytes(void* block, std::size_t bytes) {
  const BinaryBlock::Memory* other = other_memory.load(std::memory_order_relaxed);
  return other == nullptr ? std::realloc(block, bytes) : other->reallocate(block, bytes);
}

void ReleaseBytes(void* block) {
  const BinaryBlock::Memory* other = other_memory.load(std::memory_order_relaxed);
  other == nullptr ? std::free(block) : other->release(block);
}

}  // namespace

void BinaryBlock::UseMemory(const Memory& memory) { other_memory.store(&memory); }

BinaryBlock* BinaryBlock::Allocate(std::size_t size) {
  void* memory = size > PTRDIFF_MAX - sizeof(BinaryBlock)
                     ? nullptr
                     : AllocateBytes(sizeof(BinaryBlock) + size);
  if (memory == nullptr) return nullptr;
  auto* block = new (memory) BinaryBlock;
  block->size = static_cast<std::int64_t>(size);
  live_blocks.Add(+1);
  return block;
}

BinaryBlock* BinaryBlock::Reallocate(BinaryBlock* block, std::size_t size) {
  if (size > PTRDIFF_MAX - sizeof(BinaryBlock)) return nullptr;
  // The block is a POD-like header plus bytes; its count is 1 and nobody else looks at it
  // meanwhile.
  void* memory = ReallocateBytes(static_cast<void*>(block), sizeof(BinaryBlock) + size);
  if (memory == nullptr) return nullptr;
  auto* moved = static_cast<BinaryBlock*>(memory);
  moved->size = static_cast<std::int64_t>(size);
  return moved;
}

void BinaryBlock::Release() {
  // Of a count of one the reference is the caller's, and only who has one can make another.
  if (count.load(std::memory_order_acquire) != 1 &&
      count.fetch_sub(1, std::memory_order_acq_rel) != 1) {
    return;
  }
  this->~BinaryBlock();
  ReleaseBytes(this);
  live_blocks.Add(-1);
}

std::int64_t BinaryBlock::live() { return live_blocks.sum(); }

}  // namespace portlab
