// The memory of driver_alloc in a fuzz build's host. An input allocates for each port it opens, and
// AddressSanitizer's malloc, with the stacks it keeps, takes longer than all else that opening a
// port does. So small blocks are cut from memory of our own, and the sanitizer is told what of it
// may be used (base/address_map.h): it sees one byte too many, and a use after the free, where it
// would see them in blocks of malloc's. A freed block rests until many others of its size have been
// freed.
//
// What it does not have is where a block was allocated and freed. Whoever wants that in a report
// turns malloc on: as triage and `portlab repro` do, which run an input again anyway.
//
// Either way a block is no block of malloc's: a driver that frees it with free, which ends an
// emulator, is stopped (bad-free).
//
// Threads: any. Ownership: memory is kept until the process ends. Units: bytes. Errors: null when
// there is no memory; a block that is freed twice, or that is none, is for the sanitizer to report.
#pragma once

#include <cstddef>
#include <string>

namespace portlab {

class CheckedMemory {
 public:
  // From now on. Blocks of before remain what they are.
  static void UseMalloc();

  static void* Allocate(std::size_t size);  // size 0: not null
  static void* Reallocate(void* block, std::size_t size);
  static void Free(void* block);

  // For who looks at a crash: where an address lies; empty: in no block of this.
  static std::string Describe(const void* address);
};

}  // namespace portlab
