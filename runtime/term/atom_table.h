// The atoms of the process: name to index and back.
//
// An atom lives as long as the process, as in OTP, so a name once read stays valid. Names are UTF-8
// inside; a name that is not valid UTF-8 is taken to be Latin-1 and converted.
// Threads: any. Looking up a known atom by name or by index takes no lock; only adding one does.
// Ownership: the table owns the names.
// Errors: nullopt for a name too long, or a full table.
// Source: erl_driver(3erl) driver_mk_atom; erts system limits: 255 characters, 1,048,576 atoms.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/mutex.h"

namespace portlab {

class AtomTable {
 public:
  static constexpr std::size_t kMaxCharacters = 255;
  static constexpr std::size_t kMaxAtoms = std::size_t{1} << 20;

  static AtomTable& Instance();

  // Nullopt: more than 255 characters, or the table is full.
  std::optional<std::uint64_t> FindOrAdd(std::string_view latin1_or_utf8_name);
  // Nullopt: no such atom.
  std::optional<std::string_view> Name(std::uint64_t index) const;
  std::size_t size() const { return size_.load(std::memory_order_acquire); }

 private:
  struct Entry {
    std::string name;
    std::uint64_t index;
    const Entry* next;  // in its bucket; set before the entry is published
  };
  static constexpr std::size_t kBuckets = std::size_t{1} << 14;
  static constexpr std::size_t kChunk = 1024;
  using Chunk = std::array<std::atomic<const Entry*>, kChunk>;

  AtomTable() = default;
  const Entry* Find(const std::atomic<const Entry*>& bucket, std::string_view utf8) const;
  std::optional<std::uint64_t> Intern(std::string_view utf8);

  std::array<std::atomic<const Entry*>, kBuckets> buckets_{};
  std::array<std::atomic<Chunk*>, kMaxAtoms / kChunk> chunks_{};
  std::atomic<std::size_t> size_{0};
  Mutex adding_;  // taken by whoever adds an entry; a leaf
};

}  // namespace portlab
