// Memory that the calling process has touched, in pages of 4 KiB: the size that fork pays for.
//
// Huge pages are switched off for it, so that the figures do not depend on the machine's setting.
// Threads: one at a time; the pages may be written from any thread. Ownership: unmapped by the
// destructor. Errors: errno of mmap. Source: performance.md B1.
#pragma once

#include <cstddef>
#include <cstdint>

#include "portlab/error.h"

namespace portlab {

class Arena {
 public:
  static constexpr std::size_t kPage = 4096;

  static Result<Arena> Touched(std::size_t bytes);
  Arena(Arena&& other) noexcept;
  Arena& operator=(Arena&&) = delete;
  ~Arena();

  volatile std::uint8_t* page(std::size_t number) const { return base_ + number * kPage; }
  std::size_t pages() const { return bytes_ / kPage; }

 private:
  Arena(std::uint8_t* base, std::size_t bytes) : base_(base), bytes_(bytes) {}

  std::uint8_t* base_;
  std::size_t bytes_;
};

// MemAvailable of /proc/meminfo in bytes; 0: unknown.
std::int64_t AvailableMemory();

}  // namespace portlab
