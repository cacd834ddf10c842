#include "port/lent_buffer.h"

#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>

#include "base/address_map.h"
#include "base/copy_bytes.h"
#include "base/sanitizer.h"

namespace portlab {
namespace {

#if defined(PORTLAB_SANITIZED)
constexpr bool kUsesRing = false;
#else
constexpr bool kUsesRing = true;
#endif

// Much more than a callback is lent: in a fuzz build, more than all those of one input.
constexpr std::size_t kRingBytes = 64 * 1024;
constexpr std::size_t kLargest = 1024;
// Between two buffers, and a multiple of what malloc aligns to.
constexpr std::size_t kGap = 16;

char* FromMalloc(std::size_t size) {
  auto* block = static_cast<char*>(std::malloc(size == 0 ? 1 : size));
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

struct Ring {
  ~Ring() {
    std::free(std::exchange(memory, nullptr));
    next = kRingBytes;
  }
  // Null: there is no room behind the buffers that are lent.
  char* Lend(std::size_t size) {
    const std::size_t room = (size + kGap - 1) / kGap * kGap + kGap;
    if (next + room > kRingBytes) [[unlikely]] {
      if (lent != 0) return nullptr;
      Begin();
    }
    char* buffer = memory + next;
    next += room;
    ++lent;
    last = buffer;
    last_size = size;
    AddressMap::Lend(buffer, size, room);
    return buffer;
  }
  void GiveBack(char* buffer, std::size_t size) {
    AddressMap::GiveBack(buffer, size);
    --lent;
  }
  void Begin() {
    if (memory == nullptr) {
      memory = FromMalloc(kRingBytes);
      AddressMap::Lend(memory, 0, kRingBytes);
    }
    AddressMap::Lend(memory, 0, kGap);
    next = kGap;
  }

  char* memory = nullptr;
  std::size_t next = kRingBytes;
  int lent = 0;
  const char* last = nullptr;
  std::size_t last_size = 0;
};

Ring& MyRing() {
  thread_local Ring ring;
  return ring;
}

}  // namespace

LentBuffer::LentBuffer(std::size_t size) : size_(size) {
  if (kUsesRing && size <= kLargest) data_ = MyRing().Lend(size);
  if (data_ != nullptr) return;
  data_ = FromMalloc(size);
  from_malloc_ = true;
}

LentBuffer::LentBuffer(Bytes copied) : LentBuffer(copied.size()) {
  CopyBytes(data_, copied.data(), copied.size());
}

LentBuffer::~LentBuffer() {
  if (from_malloc_) {
    std::free(data_);
  } else {
    MyRing().GiveBack(data_, size_);
  }
}

std::string LentBuffer::Describe(const void* address) {
  const Ring& ring = MyRing();
  const auto* at = static_cast<const char*>(address);
  if (ring.memory == nullptr || at < ring.memory || at >= ring.memory + kRingBytes) return {};
  if (ring.lent == 0 || at < ring.last) return "in memory that an earlier callback was lent";
  const auto offset = static_cast<std::size_t>(at - ring.last);
  const std::string size = std::to_string(ring.last_size);
  if (offset < ring.last_size) return "in the " + size + " bytes that the callback is lent";
  return std::to_string(offset - ring.last_size) + " bytes behind the " + size +
         " bytes that the callback is lent";
}

}  // namespace portlab
