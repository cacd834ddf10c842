#include "reports/opening_cost/arena.h"

#include <sys/mman.h>

#include <cerrno>
#include <fstream>
#include <string>
#include <utility>

namespace portlab {

Result<Arena> Arena::Touched(std::size_t bytes) {
  void* base = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) return Fail(Error::Errno(errno, "no memory to touch"));
  ::madvise(base, bytes, MADV_NOHUGEPAGE);
  Arena arena(static_cast<std::uint8_t*>(base), bytes);
  for (std::size_t i = 0; i < arena.pages(); ++i) *arena.page(i) = 1;
  return arena;
}

Arena::Arena(Arena&& other) noexcept
    : base_(std::exchange(other.base_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

Arena::~Arena() {
  if (base_ != nullptr) ::munmap(base_, bytes_);
}

std::int64_t AvailableMemory() {
  std::ifstream file("/proc/meminfo");
  std::string name;
  std::int64_t kib = 0;
  for (std::string rest; file >> name >> kib && std::getline(file, rest);) {
    if (name == "MemAvailable:") return kib * 1024;
  }
  return 0;
}

}  // namespace portlab
