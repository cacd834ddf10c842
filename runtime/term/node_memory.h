// The memory of small term nodes: what a thread frees it uses again, without a call to malloc. A
// message is three or four nodes that live shorter than a microsecond.
//
// Not under a sanitizer, which would see a node that is used after its end only if malloc knows of
// that end. (A fuzz build's runtime has none: it is the driver that is looked at.)
//
// Threads: any; a thread keeps at most kKept blocks of each size, so that one that frees what
// another made does not hoard. Units: bytes, with the node's header; grains of kGrain bytes, 0 for
// a block of malloc's. Errors: null: no memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

#include "base/sanitizer.h"

namespace portlab {

class NodeMemory {
 public:
  static std::uint8_t GrainsOf(std::size_t bytes) {
    return kOwnLists && bytes <= kLargest ? static_cast<std::uint8_t>((bytes + kGrain - 1) / kGrain)
                                          : 0;
  }

  // REQUIRES: grains is GrainsOf(bytes).
  static void* Allocate(std::size_t bytes, std::uint8_t grains) {
    if (grains == 0) return ::operator new(bytes, std::nothrow);
    List& list = lists_[grains];
    if (list.first == nullptr) return ::operator new(grains* kGrain, std::nothrow);
    --list.kept;
    return std::exchange(list.first, list.first->next);
  }

  static void Release(void* node, std::uint8_t grains) {
    List& list = lists_[grains];
    if (grains == 0 || (list.kept >= list.may_keep && !MayKeep(list))) {
      return ::operator delete(node);
    }
    ++list.kept;
    list.first = new (node) Free{list.first};
  }

 private:
  struct Free {
    Free* next;
  };
  struct List {
    Free* first;
    int kept;
    int may_keep;  // 0 at the thread's begin and after its end
  };
#if defined(PORTLAB_SANITIZED)
  static constexpr bool kOwnLists = false;
#else
  static constexpr bool kOwnLists = true;
#endif
  static constexpr std::size_t kGrain = 32;
  static constexpr std::size_t kLargest = 4 * kGrain;
  static constexpr int kKept = 256;

  // For a list that is full: whether it is so only because this is the thread's first block.
  static bool MayKeep(const List& list);

  static inline thread_local constinit List lists_[kLargest / kGrain + 1] = {};
};

}  // namespace portlab
