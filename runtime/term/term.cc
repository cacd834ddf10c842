// How terms are made. What they tell about themselves is in term_access.cc.
#include "portlab/term.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <new>

#include "base/check.h"
#include "base/copy_bytes.h"
#include "term/atom_table.h"
#include "term/term_compare.h"
#include "term/term_node.h"

namespace portlab {
namespace {

// OTP's limit, too: what is larger is shared, not copied.
constexpr std::size_t kMaxInlineBinary = 64;

void CountOneMore(TermWord word) {
  if (IsNodeWord(word)) NodeOf(word)->count.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

Term::Term(const Term& other) : word_(other.word_) { CountOneMore(word_); }

Term& Term::operator=(const Term& other) {
  Term copy(other);
  std::swap(word_, copy.word_);
  return *this;
}

std::optional<Term> Term::TryAtom(std::string_view name) {
  const std::optional<std::uint64_t> index = AtomTable::Instance().FindOrAdd(name);
  if (!index) return std::nullopt;
  return Term((*index << 6) | kTagAtom);
}

Term Term::Atom(std::string_view name) {
  std::optional<Term> atom = TryAtom(name);
  PORTLAB_CHECK(atom, "an atom has at most 255 characters, and there are at most 1,048,576 atoms");
  return *std::move(atom);
}

Term Term::Int(std::int64_t value) {
  if (FitsSmallInt(value)) return Term(SmallIntWord(value));
  const std::uint64_t bits = static_cast<std::uint64_t>(value);
  Term big = Uint(value < 0 ? 0 - bits : bits);
  big.node()->flag = value < 0;
  return big;
}

Term Term::Uint(std::uint64_t value) {
  if (value < (std::uint64_t{1} << (kSmallIntBits - 1))) {
    return Term(SmallIntWord(static_cast<std::int64_t>(value)));
  }
  std::uint8_t magnitude[8];
  for (std::uint8_t& byte : magnitude) {
    byte = static_cast<std::uint8_t>(value);
    value >>= 8;
  }
  return Big(false, magnitude);
}

Term Term::Big(bool negative, Bytes magnitude) {
  while (!magnitude.empty() && magnitude.back() == 0)
    magnitude = magnitude.first(magnitude.size() - 1);
  if (magnitude.size() <= 8) {
    std::uint64_t value = 0;
    for (std::size_t i = magnitude.size(); i-- > 0;) value = (value << 8) | magnitude[i];
    const std::uint64_t limit = (std::uint64_t{1} << (kSmallIntBits - 1)) - (negative ? 0 : 1);
    if (value <= limit) {
      const auto small = static_cast<std::int64_t>(value);
      return Term(SmallIntWord(negative ? -small : small));
    }
  }
  TermNode* node = NewNode(TermKind::kBig, magnitude.size(), magnitude.size());
  node->flag = negative;
  std::memcpy(node->body<std::uint8_t>(), magnitude.data(), magnitude.size());
  return Adopt(node);
}

std::optional<Term> Term::Float(double value) {
  if (!std::isfinite(value)) return std::nullopt;
  TermNode* node = NewNode(TermKind::kFloat, 0, sizeof(double));
  new (node->body<double>()) double(value);
  return Adopt(node);
}

Term Term::Of(RefId ref) { return OfReferenceWords(ToRefWords(ref).words); }

Term Term::OfReferenceWords(const std::array<std::uint32_t, 5>& ref_words) {
  TermNode* node = NewNode(TermKind::kRef, 0, sizeof(RefWords));
  new (node->body<RefWords>()) RefWords{ref_words};
  return Adopt(node);
}

Term Term::Binary(Bytes bytes) {
  if (bytes.size() > kMaxInlineBinary) {
    BinaryBlock* block = BinaryBlock::Allocate(bytes.size());
    if (block == nullptr) throw std::bad_alloc();
    struct Release {
      void operator()(BinaryBlock* b) const { b->Release(); }
    };
    const std::unique_ptr<BinaryBlock, Release> ours(block);
    std::memcpy(block->bytes(), bytes.data(), bytes.size());
    return SharedBinary(*block, 0, bytes.size());
  }
  TermNode* node = NewNode(TermKind::kBinary, bytes.size(), bytes.size());
  CopyBytes(node->body<std::uint8_t>(), bytes.data(), bytes.size());
  return Adopt(node);
}

Term Term::SharedBinary(BinaryBlock& block, std::size_t offset, std::size_t size) {
  TermNode* node = NewNode(TermKind::kBinary, size, sizeof(SharedBytes));
  node->flag = true;
  block.AddRef();
  new (node->body<SharedBytes>()) SharedBytes{&block, offset};
  return Adopt(node);
}

Term Term::String(Bytes bytes, Term tail) {
  if (bytes.empty()) return tail;
  TermNode* node = NewNode(TermKind::kString, bytes.size(), sizeof(StringBody) + bytes.size());
  auto* own = node->body<std::uint8_t>() + sizeof(StringBody);
  CopyBytes(own, bytes.data(), bytes.size());
  new (node->body<StringBody>()) StringBody{std::exchange(tail.word_, kNilWord), kNilWord, own};
  return Adopt(node);
}

Term Term::Cons(Term head, Term tail) {
  TermNode* node = NewNode(TermKind::kCons, 0, 2 * sizeof(Term));
  new (node->body<Term>()) Term(std::move(head));
  new (node->body<Term>() + 1) Term(std::move(tail));
  return Adopt(node);
}

Term Term::List(std::span<const Term> elements, Term tail) {
  Term list = std::move(tail);
  for (std::size_t i = elements.size(); i-- > 0;) list = Cons(elements[i], std::move(list));
  return list;
}

Term Term::Tuple(std::span<const Term> elements) {
  TermNode* node = NewNode(TermKind::kTuple, elements.size(), elements.size_bytes());
  std::uninitialized_copy(elements.begin(), elements.end(), node->body<Term>());
  return Adopt(node);
}

Term Term::Pair(Term first, Term second) {
  TermNode* node = NewNode(TermKind::kTuple, 2, 2 * sizeof(Term));
  new (node->body<Term>()) Term(std::move(first));
  new (node->body<Term>() + 1) Term(std::move(second));
  return Adopt(node);
}

Term Term::Triple(Term first, Term second, Term third) {
  TermNode* node = NewNode(TermKind::kTuple, 3, 3 * sizeof(Term));
  new (node->body<Term>()) Term(std::move(first));
  new (node->body<Term>() + 1) Term(std::move(second));
  new (node->body<Term>() + 2) Term(std::move(third));
  return Adopt(node);
}

std::optional<Term> Term::Map(std::vector<std::pair<Term, Term>> pairs) {
  std::sort(pairs.begin(), pairs.end(),
            [](const auto& a, const auto& b) { return CompareKeys(a.first, b.first) < 0; });
  const auto same_key = [](const auto& a, const auto& b) { return a.first == b.first; };
  if (std::adjacent_find(pairs.begin(), pairs.end(), same_key) != pairs.end()) return std::nullopt;
  using Pair = std::pair<Term, Term>;
  TermNode* node = NewNode(TermKind::kMap, pairs.size(), pairs.size() * sizeof(Pair));
  std::uninitialized_move(pairs.begin(), pairs.end(), node->body<Pair>());
  return Adopt(node);
}

std::optional<Term> Term::FromWord(TermWord word) {
  if (IsNodeWord(word)) return std::nullopt;
  switch (KindOf(word)) {
    case TermKind::kNil:
    case TermKind::kInt:
    case TermKind::kPid:
      return Term(word);
    case TermKind::kPort:
      if (PortId::FromWord(word).number >= PortId::kNone) return std::nullopt;
      return Term(word);
    default:
      break;
  }
  if ((word & 0x3f) != kTagAtom || !AtomTable::Instance().Name(word >> 6)) return std::nullopt;
  return Term(word);
}

}  // namespace portlab
