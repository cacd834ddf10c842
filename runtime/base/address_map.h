// AddressSanitizer's map of memory, for the memory that a fuzz build's host cuts up itself: one
// byte for each 8, which says how many of them may be used, or why none may. A driver that goes
// beyond what it was given is stopped with heap-buffer-overflow, one that uses what it gave back
// with heap-use-after-free, as if the memory were a block of malloc's.
//
// Written directly, as the sanitizer's own functions know one reason only (use-after-poison).
// In any other build nothing happens: the runtime has no say there in what may be used.
// Threads: any, each for memory of its own. Source: AddressSanitizerAlgorithm; asan_internal.h of
// compiler-rt.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(PORTLAB_FUZZ_HOST)
extern "C" void __asan_get_shadow_mapping(std::size_t* scale, std::size_t* offset);
#endif

namespace portlab {

#if defined(PORTLAB_FUZZ_HOST)
class AddressMap {
 public:
  // `size` bytes of a place of `room` may be used. REQUIRES: a multiple of 8, room and address.
  static void Lend(const char* place, std::size_t size, std::size_t room) {
    volatile std::uint8_t* const begin = Of(place);
    volatile std::uint8_t* granule = begin + size / kGranule;
    Fill(begin, granule, 0);
    if (size % kGranule != 0) *granule++ = size % kGranule;
    Fill(granule, begin + room / kGranule, kBeyondHeapBlock);
  }
  static void GiveBack(const char* place, std::size_t size) {
    volatile std::uint8_t* const begin = Of(place);
    Fill(begin, begin + (size + kGranule - 1) / kGranule, kFreed);
  }

 private:
  static constexpr std::size_t kGranule = 8;
  static constexpr std::uint8_t kBeyondHeapBlock = 0xfa;
  static constexpr std::uint8_t kFreed = 0xfd;

  // Volatile, lest a compiler make a call of it to memset, which is the sanitizer's.
  static void Fill(volatile std::uint8_t* at, volatile std::uint8_t* end, std::uint8_t value) {
    struct [[gnu::packed, gnu::may_alias]] Word {
      std::uint64_t bytes;
    };
    constexpr std::uint64_t kEachByte = 0x0101010101010101;
    for (; end - at >= 8; at += 8) reinterpret_cast<volatile Word*>(at)->bytes = kEachByte * value;
    while (at < end) *at++ = value;
  }
  static volatile std::uint8_t* Of(const char* address) {
    static const std::size_t offset = [] {
      std::size_t scale = 0;
      std::size_t found = 0;
      ::__asan_get_shadow_mapping(&scale, &found);
      return found;
    }();
    return reinterpret_cast<volatile std::uint8_t*>(
        reinterpret_cast<std::uintptr_t>(address) / kGranule + offset);
  }
};
#else
struct AddressMap {
  static void Lend(const char* /*place*/, std::size_t /*size*/, std::size_t /*room*/) {}
  static void GiveBack(const char* /*place*/, std::size_t /*size*/) {}
};
#endif

}  // namespace portlab
