#include "term/atom_table.h"

#include <functional>
#include <memory>

#include "term/utf8.h"

namespace portlab {

AtomTable& AtomTable::Instance() {
  // Never destroyed: a detached thread of a driver may make an atom while the process ends.
  static AtomTable& table = *new AtomTable;
  return table;
}

std::optional<std::uint64_t> AtomTable::FindOrAdd(std::string_view name) {
  const std::optional<std::size_t> characters = Utf8Length(name);
  if (characters.value_or(name.size()) > kMaxCharacters) return std::nullopt;
  return characters ? Intern(name) : Intern(Latin1ToUtf8(name));
}

std::optional<std::uint64_t> AtomTable::Intern(std::string_view utf8) {
  std::atomic<const Entry*>& bucket = buckets_[std::hash<std::string_view>{}(utf8) % kBuckets];
  if (const Entry* known = Find(bucket, utf8)) return known->index;

  MutexLock lock(adding_);
  if (const Entry* known = Find(bucket, utf8)) return known->index;
  const std::size_t index = size_.load(std::memory_order_relaxed);
  if (index == kMaxAtoms) return std::nullopt;
  std::atomic<Chunk*>& chunk = chunks_[index / kChunk];
  if (chunk.load(std::memory_order_relaxed) == nullptr) {
    chunk.store(new Chunk{}, std::memory_order_release);
  }
  const auto* entry = new Entry{std::string(utf8), index, bucket.load(std::memory_order_relaxed)};
  // By index first: whoever gets the index from the bucket must find the name.
  (*chunk.load(std::memory_order_relaxed))[index % kChunk].store(entry, std::memory_order_release);
  size_.store(index + 1, std::memory_order_release);
  bucket.store(entry, std::memory_order_release);
  return index;
}

const AtomTable::Entry* AtomTable::Find(const std::atomic<const Entry*>& bucket,
                                        std::string_view utf8) const {
  const Entry* entry = bucket.load(std::memory_order_acquire);
  while (entry != nullptr && entry->name != utf8) entry = entry->next;
  return entry;
}

std::optional<std::string_view> AtomTable::Name(std::uint64_t index) const {
  if (index >= size()) return std::nullopt;
  const Chunk* chunk = chunks_[index / kChunk].load(std::memory_order_acquire);
  return std::string_view((*chunk)[index % kChunk].load(std::memory_order_acquire)->name);
}

}  // namespace portlab
