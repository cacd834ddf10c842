#include "port/lent_buffer.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "base/sanitizer.h"

#if defined(PORTLAB_FUZZ_HOST)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

namespace portlab {
namespace {

#if defined(PORTLAB_SANITIZED)
constexpr bool kUsesRing = false;
#else
constexpr bool kUsesRing = true;
#endif

// The ring outlasts what one input of a fuzzer is lent.
constexpr std::size_t kRingBytes = 64 * 1024;
constexpr std::size_t kLargest = 4096;
// Between two buffers, and a multiple of what malloc aligns to.
constexpr std::size_t kGap = 16;

char* FromMalloc(std::size_t size) {
  auto* block = static_cast<char*>(std::malloc(size == 0 ? 1 : size));
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

struct Ring {
  ~Ring() {
    if (memory == nullptr) return;
    ASAN_UNPOISON_MEMORY_REGION(memory, kRingBytes);
    std::free(memory);
    memory = nullptr;
    next = kRingBytes;
  }
  // Null: there is no room behind the buffers that are lent.
  char* Lend(std::size_t size) {
    const std::size_t room = (size + kGap - 1) / kGap * kGap + kGap;
    if (next + room > kRingBytes) [[unlikely]] {
      if (memory == nullptr) return First(size);
      if (lent != 0) return nullptr;
      next = 0;
    }
    char* buffer = memory + next;
    next += room;
    ++lent;
    ASAN_UNPOISON_MEMORY_REGION(buffer, size);
    return buffer;
  }
  void GiveBack(char* buffer, std::size_t size) {
    ASAN_POISON_MEMORY_REGION(buffer, (size + 7) / 8 * 8);
    --lent;
  }

  char* First(std::size_t size) {
    memory = FromMalloc(kRingBytes);
    ASAN_POISON_MEMORY_REGION(memory, kRingBytes);
    next = 0;
    return Lend(size);
  }

  char* memory = nullptr;
  std::size_t next = kRingBytes;
  int lent = 0;
};

Ring& MyRing() {
  thread_local Ring ring;
  return ring;
}

}  // namespace

LentBuffer::LentBuffer(std::size_t size) : data_(nullptr), size_(size) {
  if (kUsesRing && size <= kLargest) data_ = MyRing().Lend(size);
  if (data_ != nullptr) return;
  data_ = FromMalloc(size);
  from_malloc_ = true;
}

LentBuffer::LentBuffer(Bytes copied) : LentBuffer(copied.size()) {
  if (!copied.empty()) std::memcpy(data_, copied.data(), copied.size());
}

LentBuffer::~LentBuffer() {
  if (from_malloc_) {
    std::free(data_);
  } else {
    MyRing().GiveBack(data_, size_);
  }
}

}  // namespace portlab
