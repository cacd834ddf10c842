// The counted storage of binaries: what driver_alloc_binary returns a pointer INTO. The count lives
// before the part the driver sees, as in OTP, so that sharing a binary with a term is one
// increment.
//
// Layout of the visible part is ErlDrvBinary's (orig_size, orig_bytes);
// runtime/driver_api/binary.cc asserts it. Threads: the count is atomic; the bytes are the owner's
// until shared, immutable after. Source: erl_driver(3erl) ErlDrvBinary; otp_ports.md 1.2.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/atomic.h"

namespace portlab {

struct BinaryBlock {
  Atomic<std::int64_t> count{1};
  std::int64_t size = 0;  // the first visible word: ErlDrvBinary::orig_size
  // ErlDrvBinary::orig_bytes starts here and runs on for `size` bytes.

  char* bytes() { return reinterpret_cast<char*>(this) + sizeof(BinaryBlock); }
  const char* bytes() const { return reinterpret_cast<const char*>(this) + sizeof(BinaryBlock); }
  void* visible() { return &size; }
  static BinaryBlock* FromVisible(void* visible) {
    return reinterpret_cast<BinaryBlock*>(static_cast<char*>(visible) -
                                          offsetof(BinaryBlock, size));
  }

  // Null when there is no memory. The count is 1.
  static BinaryBlock* Allocate(std::size_t size);
  // REQUIRES: count() == 1. Null when there is no memory; the old block is then kept.
  static BinaryBlock* Reallocate(BinaryBlock* block, std::size_t size);
  void AddRef() { count.fetch_add(1, std::memory_order_relaxed); }
  void Release();  // frees at zero

  // Live blocks of the whole process: what the leak check of a trial reads.
  static std::int64_t live();

  // Where blocks come from instead of malloc; what `release` and `reallocate` get may still be one
  // that malloc gave. Once, for good. Null and the old block kept: no memory.
  struct Memory {
    void* (*allocate)(std::size_t bytes);
    void* (*reallocate)(void* block, std::size_t bytes);
    void (*release)(void* block);
  };
  static void UseMemory(const Memory& memory);
};
static_assert(sizeof(BinaryBlock) == 16, "orig_bytes must follow orig_size at once, 8-aligned");

}  // namespace portlab
