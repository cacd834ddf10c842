// Erlang terms: immutable values, cheap to copy (one word; heap parts are reference counted and
// shared).
//
// Immediates (nil, atom, small integer, pid, port) are the tagged words of base/ids.h, so a
// driver's ErlDrvTermData is a Term's `word()`. Everything else points to a counted, immutable
// node.
//
// Threads: a Term may be read from any thread; two threads need two copies.
// Ownership: value semantics. Destroying a long list or deep tuple does not recurse.
// Errors: constructors that can be given nonsense return std::optional or say what they REQUIRE.
// Source: erl_ext_dist of the erts manual; otp_ports.md 1.3.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"

namespace portlab {

struct BinaryBlock;  // base/binary_block.h: the counted storage an ErlDrvBinary lives in
struct TermNode;     // term/term_node.h
void ReleaseNode(TermNode* node);

enum class TermKind : std::uint8_t {
  kNil,
  kAtom,
  kInt,
  kBig,
  kFloat,
  kPid,
  kPort,
  kRef,
  kBinary,
  kString,
  kCons,
  kTuple,
  kMap
};

using Bytes = std::span<const std::uint8_t>;
inline Bytes AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view AsText(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class Term {
 public:
  Term() : word_(kNilWord) {}  // nil: []
  Term(const Term& other);
  Term(Term&& other) noexcept : word_(std::exchange(other.word_, kNilWord)) {}
  Term& operator=(const Term& other);
  Term& operator=(Term&& other) noexcept {
    Term moved(std::move(other));
    std::swap(word_, moved.word_);
    return *this;
  }
  ~Term() {
    if (!fits_word()) ReleaseNode(node());
  }

  static Term Nil() { return {}; }
  // A name that is not valid UTF-8 is taken as Latin-1. REQUIRES: at most 255 characters.
  // driver_mk_atom, whose names are always Latin-1, converts first (Latin1ToUtf8, term/utf8.h).
  static Term Atom(std::string_view latin1_or_utf8_name);
  // The same for names from outside. Nullopt: too long, or the atom table is full.
  static std::optional<Term> TryAtom(std::string_view latin1_or_utf8_name);
  static Term Bool(bool value) { return Atom(value ? "true" : "false"); }
  // An integer of any size prints and compares as one kind; beyond 60 bits kind() is kBig, and
  // as_int() still answers.
  static Term Int(std::int64_t value);
  static Term Uint(std::uint64_t value);
  // A big integer, magnitude little-endian as in the external format.
  static Term Big(bool negative, Bytes magnitude);
  static std::optional<Term> Float(double value);  // nullopt: not finite
  static Term Of(Pid pid) { return Term(pid.word()); }
  static Term Of(PortId port) { return Term(port.word()); }
  static Term Of(RefId ref);
  // A reference in the words of the external format: those of a real node have more bits than a
  // RefId.
  static Term OfReferenceWords(const std::array<std::uint32_t, 5>& words);
  static Term Binary(Bytes bytes);  // copies
  static Term Binary(std::string_view bytes) { return Binary(AsBytes(bytes)); }
  // Shares `block` (takes a reference of its own) for size bytes from offset.
  static Term SharedBinary(BinaryBlock& block, std::size_t offset, std::size_t size);
  // The list of these bytes, as small integers, in one node. Equal to, and printed as, the list
  // built cell by cell.
  static Term String(Bytes bytes, Term tail = {});
  static Term String(std::string_view text, Term tail = {}) {
    return String(AsBytes(text), std::move(tail));
  }
  static Term Cons(Term head, Term tail);
  static Term List(std::span<const Term> elements, Term tail = {});
  static Term List(std::initializer_list<Term> elements, Term tail = {}) {
    return List(std::span(elements.begin(), elements.size()), std::move(tail));
  }
  static Term Tuple(std::span<const Term> elements);
  static Term Tuple(std::initializer_list<Term> elements) {
    return Tuple(std::span(elements.begin(), elements.size()));
  }
  // The same, of terms that are given away: an initializer_list would count each once more.
  static Term Pair(Term first, Term second);
  static Term Triple(Term first, Term second, Term third);
  // Nullopt: a key stands twice.
  static std::optional<Term> Map(std::vector<std::pair<Term, Term>> pairs);
  // An immediate from a driver's ErlDrvTermData. Nullopt: not an immediate word, or no such atom.
  static std::optional<Term> FromWord(TermWord word);

  TermKind kind() const;
  bool is(TermKind k) const { return kind() == k; }
  bool is_atom(std::string_view name) const;
  // The word a driver sees; only for immediates (REQUIRES is_immediate()).
  TermWord word() const { return word_; }
  bool is_immediate() const;

  // Accessors. Each REQUIRES the kind it names.
  std::string_view atom_name() const;
  std::optional<std::int64_t> as_int() const;  // nullopt: not an integer, or out of range
  std::optional<std::uint64_t> as_uint()
      const;  // nullopt: not an integer, negative, or out of range
  double as_float() const;
  Pid as_pid() const;
  PortId as_port() const;
  RefId as_ref() const;  // of a reference with more than 64 bits, the low ones
  Bytes binary() const;  // kBinary
  // kBinary: the block the bytes are in, from this offset on. Null: a binary of at most 64 bytes,
  // kept in the term itself.
  BinaryBlock* binary_block() const;
  std::size_t binary_offset() const;
  bool big_negative() const;                           // kBig
  Bytes big_magnitude() const;                         // kBig
  std::span<const Term> tuple() const;                 // kTuple
  std::span<const std::pair<Term, Term>> map() const;  // kMap, in key order
  Bytes string_bytes() const;                          // kString: the bytes before the tail
  // Lists, whether kCons or kString. REQUIRES kind kCons or kString.
  Term head() const;
  Term tail() const;
  bool is_list() const {
    return kind() == TermKind::kNil || kind() == TermKind::kCons || kind() == TermKind::kString;
  }
  // The elements of a proper list; nullopt for anything else.
  std::optional<std::vector<Term>> list_elements() const;
  // True for a tuple of this arity whose first element is this atom.
  bool is_tagged(std::string_view tag, std::size_t arity) const;

  // About how many bytes the heap parts take: what a mailbox is charged.
  std::size_t heap_bytes() const;

  // Equality as =:=, so 1 and 1.0 differ (1 comes first); order as Erlang's term order (number <
  // atom < ref < port < pid < tuple < map < nil < list < binary).
  friend bool operator==(const Term& a, const Term& b) {
    if (a.word_ == b.word_) return true;
    // Of what fits a word there is one word only.
    if (a.fits_word() && b.fits_word()) return false;
    return Compare(a, b) == 0;
  }
  static int Compare(const Term& a, const Term& b);

  // As the Erlang shell prints it: ~p without line breaks. ParseTerm (term/parse.h) reads it back.
  std::string ToString() const;

 private:
  explicit Term(TermWord word) : word_(word) {}
  static Term Adopt(TermNode* node) { return Term(reinterpret_cast<TermWord>(node)); }
  bool fits_word() const { return (word_ & 0xf) != 0; }
  TermNode* node() const { return reinterpret_cast<TermNode*>(word_); }

  TermWord word_;  // an immediate, or a TermNode* (low 4 bits zero)
};

// Iodata (a binary, or a possibly improper list of bytes, binaries and iodata) flattened; nullopt:
// not iodata.
std::optional<std::string> FlattenIodata(const Term& term);

}  // namespace portlab
