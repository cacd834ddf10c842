// The heap part of a Term: one counted, immutable block from one malloc, and the ways to look
// inside without counting.
//
// What follows the 16-byte header:
//   kCons    Term head, tail
//   kTuple   Term[size]
//   kMap     pair<Term, Term>[size], in key order
//   kBig     `size` magnitude bytes, little-endian, no leading zero
//   kFloat   double
//   kRef     RefWords
//   kBinary  `size` bytes, or SharedBytes
//   kString  StringBody, then its own bytes unless it is a slice
//
// Integers are canonical: what fits 60 bits is an immediate, never a kBig.
//
// Threads: the count is atomic; everything else is written before the node is shared, and never
// again.
// Ownership: Term counts. A TermView borrows: somebody else keeps the term alive.
// Errors: std::bad_alloc from NewNode.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "base/atomic.h"
#include "base/binary_block.h"
#include "portlab/term.h"

namespace portlab {

struct TermNode {
  explicit TermNode(TermKind k, std::uint64_t n) : kind(k), size(n) {}

  Atomic<std::uint32_t> count{1};
  TermKind kind;
  bool flag = false;        // kBig: negative; kBinary: shared; kString: a slice of another string
  std::uint8_t grains = 0;  // of memory: NodeMemory's
  std::uint64_t size;       // bytes, arity, or pairs

  template <class T>
  T* body() {
    return reinterpret_cast<T*>(this + 1);
  }
  template <class T>
  const T* body() const {
    return reinterpret_cast<const T*>(this + 1);
  }
};
static_assert(std::is_trivially_destructible_v<TermNode>);
static_assert(sizeof(TermNode) == 16, "the body must be 16-aligned, as malloc makes it");

// An OTP reference has up to five 32-bit words, the first of 18 bits; one of ours uses 64 bits of
// the first three.
struct RefWords {
  std::array<std::uint32_t, 5> words{};
  bool operator==(const RefWords&) const = default;
};
RefWords ToRefWords(RefId ref);
// The low 64 bits; `whole` tells whether there were no others.
RefId ToRefId(const RefWords& words, bool* whole = nullptr);

struct SharedBytes {
  BinaryBlock* block;
  std::size_t offset;
};

struct StringBody {
  TermWord tail;   // a counted Term
  TermWord owner;  // kNilWord, or the counted string node whose bytes these are
  const std::uint8_t* data;
};

TermNode* NewNode(TermKind kind, std::uint64_t size, std::size_t body_bytes);

inline constexpr int kSmallIntBits = 60;
inline bool FitsSmallInt(std::int64_t value) {
  return value >= -(std::int64_t{1} << (kSmallIntBits - 1)) &&
         value < (std::int64_t{1} << (kSmallIntBits - 1));
}
inline TermWord SmallIntWord(std::int64_t value) {
  return (static_cast<TermWord>(value) << 4) | kTagSmallInt;
}
inline std::int64_t SmallIntValue(TermWord word) { return static_cast<std::int64_t>(word) >> 4; }
inline bool IsNodeWord(TermWord word) { return (word & 0xf) == 0; }
inline TermNode* NodeOf(TermWord word) { return reinterpret_cast<TermNode*>(word); }
TermKind KindOf(TermWord word);

// A term that somebody else owns; for a kString, the list from byte `offset` on (offset < size).
struct TermView {
  TermWord word = kNilWord;
  std::size_t offset = 0;

  TermView() = default;
  explicit TermView(TermWord w, std::size_t at = 0) : word(w), offset(at) {}
  explicit TermView(const Term& term) : word(term.word()) {}
  TermKind kind() const { return KindOf(word); }
  const TermNode& node() const { return *NodeOf(word); }
  bool operator==(const TermView&) const = default;

  // REQUIRE kind kCons or kString.
  TermView head() const;
  TermView tail() const;
  // REQUIRES kString.
  Bytes string_bytes() const;
  TermView after_string() const { return TermView(node().body<StringBody>()->tail); }
};

// The view as a Term, uncounted: valid while the view is. A Term is its word and nothing else.
inline const Term& AsTerm(const TermView& view) { return reinterpret_cast<const Term&>(view.word); }
static_assert(sizeof(Term) == sizeof(TermWord));

inline bool IsCell(TermView view) {
  return view.kind() == TermKind::kCons || view.kind() == TermKind::kString;
}

}  // namespace portlab
