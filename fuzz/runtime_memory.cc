// operator new and delete of a fuzz build's host: free lists instead of AddressSanitizer's
// allocator.
//
// Why: the runtime is not what a fuzz build looks for faults in (it has no instrumentation there,
// see PORTLAB_FUZZ), yet each of its small objects would cost ten times its price, with a stack
// trace and a quarantine. What a driver can touch never comes from here: driver_alloc and the
// payloads handed to callbacks have memory of their own (driver/checked_memory.h,
// port/lent_buffer.h), binaries are malloc'ed, and a driver's own operator new binds to libstdc++,
// which calls malloc.
//
// Hidden, all of them: exported, they would be the driver's and libstdc++.so's as well.
// Threads: any; a block that another thread frees stays with that one. Memory is kept until the
// process ends.
#include <array>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t kGrain = 32;
constexpr std::size_t kClasses = 32;  // blocks of up to 1 KiB; larger ones are malloc'ed
constexpr std::size_t kChunk = 64 * 1024;
constexpr std::size_t kHeader = alignof(std::max_align_t);

struct Free {
  Free* next;
};

thread_local std::array<Free*, kClasses> free_lists;

// Blocks of one size, cut from a chunk.
Free* Cut(std::size_t block) {
  char* chunk = static_cast<char*>(std::malloc(kChunk));
  if (chunk == nullptr) return nullptr;
  Free* first = nullptr;
  for (std::size_t at = 0; at + block <= kChunk; at += block) {
    auto* free = reinterpret_cast<Free*>(chunk + at);
    free->next = first;
    first = free;
  }
  return first;
}

// In front of each block: its class, or kClasses.
std::size_t& ClassOf(void* block) { return *static_cast<std::size_t*>(block); }

void* Allocate(std::size_t size) {
  const std::size_t index = (size + kHeader - 1) / kGrain;
  if (index >= kClasses) {
    void* block = std::malloc(size + kHeader);
    if (block == nullptr) return nullptr;
    ClassOf(block) = kClasses;
    return static_cast<char*>(block) + kHeader;
  }
  Free*& list = free_lists[index];
  if (list == nullptr) list = Cut((index + 1) * kGrain);
  if (list == nullptr) return nullptr;
  void* block = list;
  list = list->next;
  ClassOf(block) = index;
  return static_cast<char*>(block) + kHeader;
}

void Release(void* memory) {
  if (memory == nullptr) return;
  void* block = static_cast<char*>(memory) - kHeader;
  const std::size_t index = ClassOf(block);
  if (index == kClasses) return std::free(block);
  auto* free = static_cast<Free*>(block);
  free->next = free_lists[index];
  free_lists[index] = free;
}

}  // namespace

// <new> declares some of them with default visibility, and AddressSanitizer's list exports these.
asm(".hidden _Znwm, _Znam, _ZnwmRKSt9nothrow_t, _ZnamRKSt9nothrow_t");
asm(".hidden _ZdlPv, _ZdaPv, _ZdlPvm, _ZdaPvm, _ZdlPvRKSt9nothrow_t, _ZdaPvRKSt9nothrow_t");

void* operator new(std::size_t size) {
  void* memory = Allocate(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return Allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return Allocate(size); }
void operator delete(void* memory) noexcept { Release(memory); }
void operator delete[](void* memory) noexcept { Release(memory); }
void operator delete(void* memory, std::size_t) noexcept { Release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { Release(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { Release(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { Release(memory); }
