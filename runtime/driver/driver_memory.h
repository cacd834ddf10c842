// The memory behind driver_alloc: malloc, or guarded memory where that is on (guarded_memory.h),
// with a count, so that a trial can say how much a driver kept. Threads: any. Units: blocks.
// Errors: null when there is no memory. Source: erl_driver(3erl) driver_alloc.
#pragma once

#include <cstddef>
#include <cstdint>

namespace portlab {

void* AllocateForDriver(std::size_t size);  // size 0: not null
void* ReallocateForDriver(void* block, std::size_t size);
void FreeForDriver(void* block);  // null: nothing
// Blocks allocated and not freed, in the whole process.
std::int64_t LiveDriverBlocks();

}  // namespace portlab
