// The memory behind driver_alloc: malloc, in a fuzz build's host checked memory (checked_memory.h),
// or guarded memory where that is on (guarded_memory.h), with a count, so that a trial can say how
// much a driver kept. Threads: any. Units: blocks.
// Errors: null when there is no memory. Source: erl_driver(3erl) driver_alloc.
#pragma once

#include <cstddef>
#include <cstdint>

namespace portlab {

void* AllocateForDriver(std::size_t size);  // size 0: not null
void* ReallocateForDriver(void* block, std::size_t size);
void FreeForDriver(void* block);  // null: nothing

// The `nth` allocation from now on that a driver asks for (driver_alloc, driver_realloc and the two
// for binaries) fails, once; 0: none does any more. What the runtime allocates for itself does not
// count, nor do ports that are not watched (CallbackScope::Watch).
void FailDriverAllocation(std::uint32_t nth);
// Since FailDriverAllocation was called last.
bool AnyDriverAllocationFailed();
// Whether this one is to fail: asked once for each of them, before it is carried out.
bool DriverAllocationFails();

// Blocks allocated and not freed, in the whole process.
std::int64_t LiveDriverBlocks();

}  // namespace portlab
