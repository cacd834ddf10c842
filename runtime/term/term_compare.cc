#include "term/term_compare.h"

#include <array>
#include <cmath>
#include <cstring>

#include "term/atom_table.h"
#include "term/term_node.h"

namespace portlab {
namespace {

int Sign(std::strong_ordering order) { return order < 0 ? -1 : (order > 0 ? 1 : 0); }
template <class T>
int Order(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

int Rank(TermKind kind) {
  switch (kind) {
    case TermKind::kInt:
    case TermKind::kBig:
    case TermKind::kFloat:
      return 0;
    case TermKind::kAtom:
      return 1;
    case TermKind::kRef:
      return 2;
    case TermKind::kPort:
      return 4;  // 3 is a fun's, which this runtime does not have
    case TermKind::kPid:
      return 5;
    case TermKind::kTuple:
      return 6;
    case TermKind::kMap:
      return 7;
    case TermKind::kNil:
      return 8;
    case TermKind::kString:
    case TermKind::kCons:
      return 9;
    case TermKind::kBinary:
      return 10;
  }
  return 11;
}

int CompareBytes(Bytes a, Bytes b) {
  const std::size_t common = std::min(a.size(), b.size());
  const int order = common == 0 ? 0 : std::memcmp(a.data(), b.data(), common);
  return order != 0 ? Order(order, 0) : Order(a.size(), b.size());
}

Bytes Magnitude(const TermNode& big) { return {big.body<std::uint8_t>(), big.size}; }

// Little-endian, no leading zeros.
int CompareMagnitudes(Bytes a, Bytes b) {
  if (a.size() != b.size()) return Order(a.size(), b.size());
  for (std::size_t i = a.size(); i-- > 0;) {
    if (a[i] != b[i]) return Order(a[i], b[i]);
  }
  return 0;
}

int CompareIntegers(TermView a, TermView b) {
  const bool a_big = a.kind() == TermKind::kBig;
  const bool b_big = b.kind() == TermKind::kBig;
  if (!a_big && !b_big) return Order(SmallIntValue(a.word), SmallIntValue(b.word));
  // Integers are canonical: a big one lies outside the range of the small ones, on the side its
  // sign says.
  if (!b_big) return a.node().flag ? -1 : 1;
  if (!a_big) return b.node().flag ? 1 : -1;
  if (a.node().flag != b.node().flag) return a.node().flag ? -1 : 1;
  const int order = CompareMagnitudes(Magnitude(a.node()), Magnitude(b.node()));
  return a.node().flag ? -order : order;
}

// REQUIRES: |value| >= 2^53, so that it is a whole number. Sign aside.
std::vector<std::uint8_t> WholeMagnitude(double value) {
  int exponent = 0;
  const double fraction = std::frexp(std::fabs(value), &exponent);
  auto mantissa = static_cast<std::uint64_t>(std::ldexp(fraction, 53));
  const int shift = exponent - 53;
  std::vector<std::uint8_t> out(static_cast<std::size_t>(shift / 8) + 8 + 1);
  auto at = static_cast<std::size_t>(shift / 8);
  mantissa <<= shift % 8;  // 53 + 7 bits fit
  for (; mantissa != 0; mantissa >>= 8) out[at++] = static_cast<std::uint8_t>(mantissa);
  while (!out.empty() && out.back() == 0) out.pop_back();
  return out;
}

// Exact: no rounding of the integer to a double.
int CompareIntegerToFloat(TermView integer, double value) {
  if (integer.kind() == TermKind::kBig) {
    const bool negative = integer.node().flag;
    const double towards = negative ? -value : value;
    int order = 1;
    if (towards >= std::ldexp(1.0, kSmallIntBits - 1)) {
      order = CompareMagnitudes(Magnitude(integer.node()), WholeMagnitude(value));
    }
    return negative ? -order : order;
  }
  const double limit = std::ldexp(1.0, kSmallIntBits - 1);
  if (value >= limit) return -1;
  if (value < -limit) return 1;
  const double whole = std::trunc(value);
  const int order = Order(SmallIntValue(integer.word), static_cast<std::int64_t>(whole));
  return order != 0 ? order : Order(whole, value);
}

int CompareNumbers(TermView a, TermView b, bool keys) {
  const bool a_float = a.kind() == TermKind::kFloat;
  const bool b_float = b.kind() == TermKind::kFloat;
  if (!a_float && !b_float) return CompareIntegers(a, b);
  if (a_float && b_float) {
    return Order(*a.node().body<double>(), *b.node().body<double>());
  }
  if (keys) return a_float ? 1 : -1;
  const int order = a_float ? -CompareIntegerToFloat(b, *a.node().body<double>())
                            : CompareIntegerToFloat(a, *b.node().body<double>());
  return order != 0 ? order : (a_float ? 1 : -1);
}

Bytes BinaryBytes(const TermNode& node) {
  if (!node.flag) return {node.body<std::uint8_t>(), node.size};
  const SharedBytes& shared = *node.body<SharedBytes>();
  return {reinterpret_cast<const std::uint8_t*>(shared.block->bytes()) + shared.offset, node.size};
}

int CompareAtoms(TermWord a, TermWord b) {
  const AtomTable& atoms = AtomTable::Instance();
  return Order(*atoms.Name(a >> 6), *atoms.Name(b >> 6));
}

int CompareRefs(const RefWords& a, const RefWords& b) {
  for (std::size_t i = a.words.size(); i-- > 0;) {
    if (a.words[i] != b.words[i]) return Order(a.words[i], b.words[i]);
  }
  return 0;
}

struct Work {
  TermView a;
  TermView b;
  bool keys;
};

class Comparison {
 public:
  int Run(const Term& a, const Term& b, bool keys) {
    Work next{TermView(a), TermView(b), keys};
    for (;;) {
      const int order = next.a == next.b ? 0 : Step(next);
      if (order != 0 || open_.empty()) return order;
      next = open_.back();
      open_.pop_back();
    }
  }

 private:
  void Later(TermView a, TermView b, bool keys) { open_.push_back({a, b, keys}); }
  void Later(const TermWord* a, const TermWord* b, bool keys) {
    Later(TermView(*a), TermView(*b), keys);
  }

  int Step(const Work& work) {
    const TermView a = work.a;
    const TermView b = work.b;
    const TermKind kind = a.kind();
    const int ranks = Order(Rank(kind), Rank(b.kind()));
    if (ranks != 0) return ranks;
    switch (kind) {
      case TermKind::kInt:
      case TermKind::kBig:
      case TermKind::kFloat:
        return CompareNumbers(a, b, work.keys);
      case TermKind::kAtom:
        return CompareAtoms(a.word, b.word);
      case TermKind::kPid:
        return Sign(Pid::FromWord(a.word) <=> Pid::FromWord(b.word));
      case TermKind::kPort:
        return Sign(PortId::FromWord(a.word) <=> PortId::FromWord(b.word));
      case TermKind::kRef:
        return CompareRefs(*a.node().body<RefWords>(), *b.node().body<RefWords>());
      case TermKind::kBinary:
        return CompareBytes(BinaryBytes(a.node()), BinaryBytes(b.node()));
      case TermKind::kNil:
        return 0;
      case TermKind::kTuple:
        return Elements(a.node(), b.node(), work.keys);
      case TermKind::kMap:
        return Pairs(a.node(), b.node(), work.keys);
      case TermKind::kString:
      case TermKind::kCons:
        Later(a.tail(), b.tail(), work.keys);
        Later(a.head(), b.head(), work.keys);
        return 0;
    }
    return 0;
  }

  int Elements(const TermNode& a, const TermNode& b, bool keys) {
    if (a.size != b.size) return Order(a.size, b.size);
    for (std::size_t i = a.size; i-- > 0;) {
      Later(a.body<TermWord>() + i, b.body<TermWord>() + i, keys);
    }
    return 0;
  }

  // All keys, in key order, come before any value.
  int Pairs(const TermNode& a, const TermNode& b, bool keys) {
    if (a.size != b.size) return Order(a.size, b.size);
    for (std::size_t i = a.size; i-- > 0;) {
      Later(a.body<TermWord>() + 2 * i + 1, b.body<TermWord>() + 2 * i + 1, keys);
    }
    for (std::size_t i = a.size; i-- > 0;) {
      Later(a.body<TermWord>() + 2 * i, b.body<TermWord>() + 2 * i, true);
    }
    return 0;
  }

  std::vector<Work> open_;
};

}  // namespace

int Term::Compare(const Term& a, const Term& b) { return Comparison().Run(a, b, false); }
int CompareKeys(const Term& a, const Term& b) { return Comparison().Run(a, b, true); }

}  // namespace portlab
