// Takes big-endian numbers and runs of bytes off the front of a buffer.
//
// Threads: one.
// Ownership: borrows the bytes.
// Errors: nullopt when too few are left; nothing is then taken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "portlab/term.h"

namespace portlab {

class ByteReader {
 public:
  explicit ByteReader(Bytes bytes) : all_(bytes.size()), rest_(bytes) {}

  std::size_t consumed() const { return all_ - rest_.size(); }
  std::size_t remaining() const { return rest_.size(); }

  // REQUIRES: count <= 8.
  std::optional<std::uint64_t> Number(std::size_t count) {
    const std::optional<Bytes> bytes = Take(count);
    if (!bytes) return std::nullopt;
    std::uint64_t value = 0;
    for (std::uint8_t byte : *bytes) value = (value << 8) | byte;
    return value;
  }

  std::optional<Bytes> Take(std::uint64_t count) {
    if (count > rest_.size()) return std::nullopt;
    const Bytes taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

 private:
  std::size_t all_;
  Bytes rest_;
};

}  // namespace portlab
