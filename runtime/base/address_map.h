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

#include "base/fill_bytes.h"

#if defined(PORTLAB_FUZZ_HOST)
extern "C" void __asan_get_shadow_mapping(std::size_t* scale, std::size_t* offset);
#endif

namespace portlab {

#if defined(PORTLAB_FUZZ_HOST)
class AddressMap {
 public:
  // `size` bytes of a place of `room` may be used. REQUIRES: a multiple of 8, room and address.
  static void Lend(const char* place, std::size_t size, std::size_t room) {
    std::uint8_t* const begin = Of(place);
    std::uint8_t* granule = begin + size / kGranule;
    FillBytes(begin, 0, size / kGranule);
    if (size % kGranule != 0) FillBytes(granule++, size % kGranule, 1);
    std::uint8_t* const end = begin + room / kGranule;
    FillBytes(granule, kBeyondHeapBlock, static_cast<std::size_t>(end - granule));
  }
  static void GiveBack(const char* place, std::size_t size) {
    FillBytes(Of(place), kFreed, (size + kGranule - 1) / kGranule);
  }

 private:
  static constexpr std::size_t kGranule = 8;
  static constexpr std::uint8_t kBeyondHeapBlock = 0xfa;
  static constexpr std::uint8_t kFreed = 0xfd;

  static std::uint8_t* Of(const char* address) {
    static const std::size_t offset = [] {
      std::size_t scale = 0;
      std::size_t found = 0;
      ::__asan_get_shadow_mapping(&scale, &found);
      return found;
    }();
    return reinterpret_cast<std::uint8_t*>(reinterpret_cast<std::uintptr_t>(address) / kGranule +
                                           offset);
  }
};
#else
struct AddressMap {
  static void Lend(const char* /*place*/, std::size_t /*size*/, std::size_t /*room*/) {}
  static void GiveBack(const char* /*place*/, std::size_t /*size*/) {}
};
#endif

}  // namespace portlab
