// What terms tell about themselves.
#include <cstring>
#include <limits>

#include "base/check.h"
#include "portlab/term.h"
#include "term/atom_table.h"
#include "term/term_node.h"

namespace portlab {
namespace {

// The magnitude of an integer. Nullopt: not an integer, or more than 64 bits.
struct SignedMagnitude {
  bool negative;
  std::uint64_t value;
};

std::optional<SignedMagnitude> Magnitude64(TermWord word) {
  switch (KindOf(word)) {
    case TermKind::kInt: {
      const std::int64_t value = SmallIntValue(word);
      return SignedMagnitude{value < 0, static_cast<std::uint64_t>(value < 0 ? -value : value)};
    }
    case TermKind::kBig: {
      const TermNode& big = *NodeOf(word);
      if (big.size > 8) return std::nullopt;
      std::uint64_t value = 0;
      for (std::size_t i = big.size; i-- > 0;) value = (value << 8) | big.body<std::uint8_t>()[i];
      return SignedMagnitude{big.flag, value};
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

TermKind Term::kind() const { return KindOf(word_); }
bool Term::is_immediate() const { return !IsNodeWord(word_); }

std::string_view Term::atom_name() const {
  PORTLAB_CHECK(is(TermKind::kAtom), "atom_name() of a term that is no atom");
  return *AtomTable::Instance().Name(word_ >> 6);
}

bool Term::is_atom(std::string_view name) const {
  return is(TermKind::kAtom) && atom_name() == name;
}

std::optional<std::int64_t> Term::as_int() const {
  const std::optional<SignedMagnitude> m = Magnitude64(word_);
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 63;
  if (!m || m->value > kLimit || (m->value == kLimit && !m->negative)) return std::nullopt;
  return static_cast<std::int64_t>(m->negative ? 0 - m->value : m->value);
}

std::optional<std::uint64_t> Term::as_uint() const {
  const std::optional<SignedMagnitude> m = Magnitude64(word_);
  if (!m || m->negative) return std::nullopt;
  return m->value;
}

double Term::as_float() const {
  PORTLAB_CHECK(is(TermKind::kFloat), "as_float() of a term that is no float");
  return *node()->body<double>();
}

Pid Term::as_pid() const {
  PORTLAB_CHECK(is(TermKind::kPid), "as_pid() of a term that is no pid");
  return Pid::FromWord(word_);
}

PortId Term::as_port() const {
  PORTLAB_CHECK(is(TermKind::kPort), "as_port() of a term that is no port");
  return PortId::FromWord(word_);
}

RefId Term::as_ref() const {
  PORTLAB_CHECK(is(TermKind::kRef), "as_ref() of a term that is no reference");
  return ToRefId(*node()->body<RefWords>());
}

Bytes Term::binary() const {
  PORTLAB_CHECK(is(TermKind::kBinary), "binary() of a term that is no binary");
  if (!node()->flag) return {node()->body<std::uint8_t>(), node()->size};
  const SharedBytes& shared = *node()->body<SharedBytes>();
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(shared.block->bytes());
  return {bytes + shared.offset, node()->size};
}

BinaryBlock* Term::binary_block() const {
  PORTLAB_CHECK(is(TermKind::kBinary), "binary_block() of a term that is no binary");
  return node()->flag ? node()->body<SharedBytes>()->block : nullptr;
}

std::size_t Term::binary_offset() const {
  PORTLAB_CHECK(is(TermKind::kBinary), "binary_offset() of a term that is no binary");
  return node()->flag ? node()->body<SharedBytes>()->offset : 0;
}

bool Term::big_negative() const {
  PORTLAB_CHECK(is(TermKind::kBig), "big_negative() of a term that is no big integer");
  return node()->flag;
}

Bytes Term::big_magnitude() const {
  PORTLAB_CHECK(is(TermKind::kBig), "big_magnitude() of a term that is no big integer");
  return {node()->body<std::uint8_t>(), node()->size};
}

std::span<const Term> Term::tuple() const {
  PORTLAB_CHECK(is(TermKind::kTuple), "tuple() of a term that is no tuple");
  return {node()->body<Term>(), node()->size};
}

std::span<const std::pair<Term, Term>> Term::map() const {
  PORTLAB_CHECK(is(TermKind::kMap), "map() of a term that is no map");
  return {node()->body<std::pair<Term, Term>>(), node()->size};
}

Bytes Term::string_bytes() const {
  PORTLAB_CHECK(is(TermKind::kString), "string_bytes() of a term that is no string");
  return TermView(*this).string_bytes();
}

Term Term::head() const {
  PORTLAB_CHECK(IsCell(TermView(*this)), "head() of a term that is no list cell");
  if (is(TermKind::kCons)) return *node()->body<Term>();
  return Term(TermView(*this).head().word);
}

Term Term::tail() const {
  PORTLAB_CHECK(IsCell(TermView(*this)), "tail() of a term that is no list cell");
  if (is(TermKind::kCons)) return node()->body<Term>()[1];
  const StringBody& string = *node()->body<StringBody>();
  const TermView rest = TermView(*this).tail();
  const Term* after = reinterpret_cast<const Term*>(&string.tail);
  if (rest.offset == 0) return *after;
  // A slice: the bytes stay where they are, so that walking a string cell by cell costs a node a
  // cell, not a copy.
  const Term* owner =
      string.owner == kNilWord ? this : reinterpret_cast<const Term*>(&string.owner);
  TermNode* slice = NewNode(TermKind::kString, node()->size - 1, sizeof(StringBody));
  slice->flag = true;
  Term tail_copy(*after);
  Term owner_copy(*owner);
  new (slice->body<StringBody>())
      StringBody{std::exchange(tail_copy.word_, kNilWord),
                 std::exchange(owner_copy.word_, kNilWord), string.data + 1};
  return Adopt(slice);
}

std::optional<std::vector<Term>> Term::list_elements() const {
  std::vector<Term> out;
  TermView view(*this);
  while (IsCell(view)) {
    if (view.kind() == TermKind::kString) {
      for (std::uint8_t byte : view.string_bytes()) out.push_back(Term(SmallIntWord(byte)));
      view = view.after_string();
    } else {
      out.push_back(*view.node().body<Term>());
      view = view.tail();
    }
  }
  if (view.kind() != TermKind::kNil) return std::nullopt;
  return out;
}

bool Term::is_tagged(std::string_view tag, std::size_t arity) const {
  return is(TermKind::kTuple) && arity > 0 && tuple().size() == arity && tuple()[0].is_atom(tag);
}

namespace {

// Terms a node holds as words.
std::size_t WordsIn(const TermNode& node) {
  switch (node.kind) {
    case TermKind::kCons:
      return 2;
    case TermKind::kTuple:
      return node.size;
    case TermKind::kMap:
      return 2 * node.size;
    default:
      return 0;
  }
}

// The bytes of a term as far as `levels` reach; what lies deeper is put on `deeper`. A message is
// two or three levels deep and is counted whenever it is sent, so it must not cost an allocation.
std::size_t BytesOf(TermView view, int levels, std::vector<TermView>& deeper) {
  if (!IsNodeWord(view.word)) return 0;
  if (levels == 0) {
    deeper.push_back(view);
    return 0;
  }
  const TermNode& node = view.node();
  const std::size_t words = WordsIn(node);
  std::size_t total = sizeof(TermNode) + (words != 0 ? words * sizeof(Term) : node.size);
  for (std::size_t i = 0; i < words; ++i) {
    const TermWord word = node.body<TermWord>()[i];
    if (IsNodeWord(word)) total += BytesOf(TermView(word), levels - 1, deeper);
  }
  if (node.kind == TermKind::kString) total += BytesOf(view.after_string(), levels - 1, deeper);
  return total;
}

}  // namespace

std::size_t Term::heap_bytes() const {
  constexpr int kLevels = 4;
  std::vector<TermView> deeper;
  std::size_t total = BytesOf(TermView(*this), kLevels, deeper);
  while (!deeper.empty()) {
    const TermView next = deeper.back();
    deeper.pop_back();
    total += BytesOf(next, kLevels, deeper);
  }
  return total;
}

}  // namespace portlab
