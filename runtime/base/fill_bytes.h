// memset for a few bytes on a hot path: inline, and never a call, which in a fuzz build is the
// sanitizer's. Threads: pure.
#pragma once

#include <cstddef>
#include <cstdint>

namespace portlab {

inline void FillBytes(void* to, std::uint8_t value, std::size_t size) {
  struct [[gnu::packed, gnu::may_alias]] Word {
    std::uint64_t bytes;
  };
  constexpr std::uint64_t kEachByte = 0x0101010101010101;
  // Volatile, lest a compiler make a call of it.
  auto* at = static_cast<volatile std::uint8_t*>(to);
  auto* const end = at + size;
  for (; end - at >= 8; at += 8) reinterpret_cast<volatile Word*>(at)->bytes = kEachByte * value;
  while (at < end) *at++ = value;
}

}  // namespace portlab
