#include "driver/checked_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "base/address_map.h"
#include "base/fill_bytes.h"
#include "base/mutex.h"

namespace portlab {
namespace {

constexpr std::size_t kGrain = 16;  // what malloc aligns to
constexpr std::size_t kClasses = 64;
constexpr std::size_t kLargest = kClasses * kGrain;  // larger ones are malloc'ed
constexpr std::size_t kChunk = std::size_t{128} << 10;
constexpr std::size_t kChunks = 2048;
// Freed blocks of a class that rest before the first of them is used again.
constexpr std::size_t kResting = 1024;
// As AddressSanitizer's malloc does it: what a driver reads before it wrote is the same each time.
constexpr std::uint8_t kFreshByte = 0xbe;

enum class Mark : std::uint32_t {
  kNone = 0,
  kLive = 0x6c697665,
  kFreed = 0x66726565,
  kMalloced = 0x6d616c6c
};

// In front of each block; no driver may touch it.
struct alignas(kGrain) Header {
  std::uint64_t size;
  Mark mark;
  std::uint32_t class_index;
};
static_assert(sizeof(Header) == kGrain);

Header* HeaderOf(void* block) { return static_cast<Header*>(block) - 1; }
char* BlockOf(Header* header) { return reinterpret_cast<char*>(header + 1); }

std::size_t RoomOf(std::size_t class_index) { return (class_index + 1) * kGrain; }
// With the header, and the more to stride over the larger a block is.
std::size_t StrideOf(std::size_t class_index) {
  const std::size_t room = RoomOf(class_index);
  return sizeof(Header) + room + room / 2 / kGrain * kGrain;
}

// Of blocks of one size: those that rest, the oldest first, and where the next new one is cut.
struct Class {
  Header* oldest = nullptr;
  Header* newest = nullptr;
  std::size_t resting = 0;
  char* next = nullptr;
  char* end = nullptr;
};

// The next one that rests stands in the block itself, which is nobody's now.
Header*& NextOf(Header* resting) { return *reinterpret_cast<Header**>(BlockOf(resting)); }

class Pool {
 public:
  char* Allocate(std::size_t size) {
    const std::size_t index = size == 0 ? 0 : (size - 1) / kGrain;
    Class& of = classes_[index];
    const MutexLock lock(mutex_);
    Header* header = of.resting > kResting ? TakeOldest(of) : Cut(of, index);
    if (header == nullptr) return nullptr;
    *header = {size, Mark::kLive, static_cast<std::uint32_t>(index)};
    AddressMap::Lend(BlockOf(header), size, RoomOf(index));
    return BlockOf(header);
  }
  enum class Freed { kDone, kTwice, kNoBlock, kElsewhere };
  Freed Free(void* block) {
    const MutexLock lock(mutex_);
    if (!Has(block)) return Freed::kElsewhere;
    Header* header = Around(block);
    if (BlockOf(header) != block) return Freed::kNoBlock;
    if (header->mark != Mark::kLive) return Freed::kTwice;
    header->mark = Mark::kFreed;
    AddressMap::GiveBack(BlockOf(header), header->size);
    Class& of = classes_[header->class_index];
    NextOf(header) = nullptr;
    (of.resting == 0 ? of.oldest : NextOf(of.newest)) = header;
    of.newest = header;
    ++of.resting;
    return Freed::kDone;
  }
  // The block in whose place an address is; null: it is elsewhere.
  Header* Find(const void* address) {
    const MutexLock lock(mutex_);
    return Has(address) ? Around(address) : nullptr;
  }

 private:
  bool Has(const void* address) const {
    const auto* at = static_cast<const char*>(address);
    return at >= begin_ && at < begin_ + chunks_ * kChunk;
  }
  Header* Around(const void* address) const {
    const auto offset = static_cast<std::size_t>(static_cast<const char*>(address) - begin_);
    const std::size_t stride = StrideOf(class_of_chunk_[offset / kChunk]);
    char* chunk = begin_ + offset / kChunk * kChunk;
    return reinterpret_cast<Header*>(chunk + offset % kChunk / stride * stride);
  }
  static Header* TakeOldest(Class& of) {
    --of.resting;
    return std::exchange(of.oldest, NextOf(of.oldest));
  }
  Header* Cut(Class& of, std::size_t index) {
    const std::size_t stride = StrideOf(index);
    if (static_cast<std::size_t>(of.end - of.next) < stride && !Grow(of, index)) {
      return of.resting == 0 ? nullptr : TakeOldest(of);
    }
    return reinterpret_cast<Header*>(std::exchange(of.next, of.next + stride));
  }
  bool Grow(Class& of, std::size_t index) {
    if (begin_ == nullptr) {
      void* reserved = ::mmap(nullptr, kChunks * kChunk, PROT_NONE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (reserved == MAP_FAILED) return false;
      begin_ = static_cast<char*>(reserved);
    }
    char* chunk = begin_ + chunks_ * kChunk;
    if (chunks_ == kChunks || ::mprotect(chunk, kChunk, PROT_READ | PROT_WRITE) != 0) return false;
    AddressMap::Lend(chunk, 0, kChunk);
    class_of_chunk_[chunks_++] = static_cast<std::uint8_t>(index);
    of.next = chunk;
    of.end = chunk + kChunk;
    return true;
  }

  Mutex mutex_;
  std::array<Class, kClasses> classes_{};
  char* begin_ = nullptr;
  std::size_t chunks_ = 0;  // that may be used
  std::array<std::uint8_t, kChunks> class_of_chunk_{};
};

constinit Pool pool;
std::atomic<bool> all_from_malloc{false};

// What can be said of a block by whoever looks at an address.
struct Known {
  const char* block;
  std::size_t size;
  bool freed;
};

// Where malloc's blocks are and were. The sanitizer knows, but cannot be asked while it reports.
class MallocedBlocks {
 public:
  static MallocedBlocks& Get() {
    static MallocedBlocks& blocks = *new MallocedBlocks;
    return blocks;
  }
  void Note(Header* header) {
    // Larger ones may be unmapped when they are freed, and must not be looked at.
    if (header->size > kLargestNoted) return;
    const MutexLock lock(mutex_);
    noted_[reinterpret_cast<std::uintptr_t>(header)] = {header, header->size};
  }
  // The block around an address, or just in front of it.
  std::optional<Known> Find(const void* address) {
    const MutexLock lock(mutex_);
    const auto behind = noted_.upper_bound(reinterpret_cast<std::uintptr_t>(address));
    if (behind == noted_.begin()) return std::nullopt;
    const auto& [at, one] = *std::prev(behind);
    const std::uintptr_t reach = at + sizeof(Header) + one.size + kNear;
    if (reinterpret_cast<std::uintptr_t>(address) >= reach) return std::nullopt;
    // Of memory that malloc has given to somebody else since, nothing can be said.
    const Mark mark = one.header->mark;
    if (mark != Mark::kMalloced && mark != Mark::kFreed) return std::nullopt;
    return Known{BlockOf(one.header), one.size, mark == Mark::kFreed};
  }

 private:
  // The size as it was: the sanitizer writes over a freed block's first eight bytes.
  struct Noted {
    Header* header;
    std::size_t size;
  };
  static constexpr std::size_t kNear = 256;
  static constexpr std::size_t kLargestNoted = std::size_t{32} << 10;
  Mutex mutex_;
  std::map<std::uintptr_t, Noted> noted_;
};

char* FromMalloc(std::size_t size) {
  if (size > SIZE_MAX - sizeof(Header)) return nullptr;
  auto* header = static_cast<Header*>(std::malloc(sizeof(Header) + size));
  if (header == nullptr) return nullptr;
  *header = {size, Mark::kMalloced, 0};
  AddressMap::Lend(reinterpret_cast<char*>(header), 0, sizeof(Header));
  if (all_from_malloc.load(std::memory_order_relaxed)) MallocedBlocks::Get().Note(header);
  return BlockOf(header);
}

// The sanitizer has the words for it, and the stack that led here.
[[gnu::cold]] void ReportSecondFree() {
  void* volatile block = std::malloc(1);
  std::free(block);
  std::free(block);
}

std::optional<Known> BlockAt(const void* address) {
  Header* header = pool.Find(address);
  if (header == nullptr) return MallocedBlocks::Get().Find(address);
  if (header->mark == Mark::kNone) return std::nullopt;
  return Known{BlockOf(header), header->size, header->mark == Mark::kFreed};
}

}  // namespace

void CheckedMemory::UseMalloc() { all_from_malloc.store(true); }

void* CheckedMemory::Allocate(std::size_t size) {
  char* block = nullptr;
  if (size <= kLargest && !all_from_malloc.load(std::memory_order_relaxed)) {
    block = pool.Allocate(size);
    if (block != nullptr) FillBytes(block, kFreshByte, size);
  }
  return block != nullptr ? block : FromMalloc(size);
}

void* CheckedMemory::Reallocate(void* block, std::size_t size) {
  const Header& header = *HeaderOf(block);
  if (header.mark == Mark::kFreed) Free(block);
  // What malloc knows, or can say that it does not.
  if (header.mark != Mark::kLive && header.mark != Mark::kMalloced)
    return std::realloc(block, size);
  void* moved = Allocate(size);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, block, std::min<std::size_t>(header.size, size));
  Free(block);
  return moved;
}

void CheckedMemory::Free(void* block) {
  switch (pool.Free(block)) {
    case Pool::Freed::kDone:
      return;
    case Pool::Freed::kTwice:
      return ReportSecondFree();
    case Pool::Freed::kNoBlock:
      return std::free(block);
    case Pool::Freed::kElsewhere:
      break;
  }
  Header* header = HeaderOf(block);
  if (header->mark != Mark::kMalloced && header->mark != Mark::kFreed) return std::free(block);
  header->mark = Mark::kFreed;
  std::free(header);
}

std::string CheckedMemory::Describe(const void* address) {
  const std::optional<Known> found = BlockAt(address);
  if (!found) return {};
  const auto* at = static_cast<const char*>(address);
  const std::string whose = "the " + std::to_string(found->size) + " bytes that driver_alloc gave";
  if (at < found->block) return std::to_string(found->block - at) + " bytes before " + whose;
  const auto offset = static_cast<std::size_t>(at - found->block);
  if (offset < found->size) return "in " + whose + (found->freed ? ", and that were freed" : "");
  return std::to_string(offset - found->size) + " bytes behind " + whose;
}

}  // namespace portlab
