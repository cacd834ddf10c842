#include "term/term_compare.h"

#include <gtest/gtest.h>

#include <cmath>

namespace portlab {
namespace {

Term F(double value) { return *Term::Float(value); }
Term PowerOfTwo(std::size_t bits, bool negative = false) {
  std::vector<std::uint8_t> magnitude(bits / 8 + 1);
  magnitude.back() = static_cast<std::uint8_t>(1U << (bits % 8));
  return Term::Big(negative, magnitude);
}

// Every term of the list comes before every later one, both ways round.
void ExpectAscending(const std::vector<Term>& terms) {
  for (std::size_t i = 0; i < terms.size(); ++i) {
    for (std::size_t j = 0; j < terms.size(); ++j) {
      const int expected = i < j ? -1 : (i > j ? 1 : 0);
      EXPECT_EQ(Term::Compare(terms[i], terms[j]), expected)
          << terms[i].ToString() << " ? " << terms[j].ToString();
    }
  }
}

TEST(TermCompareTest, KindsComeInErlangsOrder) {
  ExpectAscending({Term::Int(99), Term::Atom("a"), Term::Of(RefId{1}), Term::Of(PortId{1}),
                   Term::Of(Pid{1}), Term::Tuple({}), *Term::Map({}), Term::Nil(),
                   Term::String("a"), Term::Binary("")});
}

// Of what fits a word, == looks at the word only.
TEST(TermCompareTest, EqualityAgreesWithTheOrder) {
  const std::vector<Term> terms = {Term::Nil(),
                                   Term::Atom("a"),
                                   Term::Atom("b"),
                                   Term::Int(1),
                                   Term::Int(-1),
                                   Term::Int(INT64_MAX),
                                   *Term::Float(1.0),
                                   Term::Of(Pid{7}),
                                   Term::Of(Pid{8}),
                                   Term::Of(PortId{7}),
                                   Term::Of(RefId{7}),
                                   Term::Binary("a"),
                                   Term::String("a"),
                                   Term::Cons(Term::Int(97), Term::Nil()),
                                   Term::String(""),
                                   Term::Tuple({}),
                                   Term::Tuple({Term::Atom("a")}),
                                   Term::Big(false, AsBytes("\1"))};
  for (const Term& a : terms) {
    for (const Term& b : terms) {
      EXPECT_EQ(a == b, Term::Compare(a, b) == 0) << a.ToString() << " and " << b.ToString();
    }
  }
  EXPECT_TRUE(Term::Atom("a") == Term::Atom("a"));
  EXPECT_TRUE(Term::String("") == Term::Nil());
  EXPECT_TRUE(Term::Big(false, AsBytes("\1")) == Term::Int(1));
}

TEST(TermCompareTest, NumbersCompareByValueThenIntegerFirst) {
  ExpectAscending({F(-1e300),
                   PowerOfTwo(70, true),
                   Term::Int(INT64_MIN),
                   Term::Int(-2),
                   F(-1.5),
                   Term::Int(-1),
                   F(-0.5),
                   Term::Int(0),
                   F(0),
                   F(0.5),
                   Term::Int(1),
                   F(1),
                   Term::Int(INT64_MAX),
                   PowerOfTwo(63),
                   F(std::ldexp(1, 63)),
                   Term::Uint(UINT64_MAX),
                   PowerOfTwo(64),
                   F(std::ldexp(1, 64)),
                   PowerOfTwo(70),
                   F(1e300),
                   PowerOfTwo(1024)});
}

TEST(TermCompareTest, IntegersNextToAFloatAreNotRounded) {
  const std::int64_t exact = std::int64_t{1} << 54;
  ExpectAscending({Term::Int(exact - 1), Term::Int(exact), F(static_cast<double>(exact)),
                   Term::Int(exact + 1)});
  ExpectAscending({Term::Int(-exact - 1), Term::Int(-exact), F(-static_cast<double>(exact)),
                   Term::Int(-exact + 1)});
}

TEST(TermCompareTest, EdgesOfSmallIntegersAgainstFloats) {
  const std::int64_t edge = std::int64_t{1} << 59;
  ExpectAscending(
      {Term::Int(edge - 1), Term::Int(edge), F(std::ldexp(1, 59)), Term::Int(edge + 1)});
  ExpectAscending(
      {Term::Int(-edge - 1), Term::Int(-edge), F(-std::ldexp(1, 59)), Term::Int(-edge + 1)});
}

TEST(TermCompareTest, TuplesCompareByArityThenElements) {
  ExpectAscending({Term::Tuple({Term::Int(9)}), Term::Tuple({Term::Int(1), Term::Int(2)}),
                   Term::Tuple({Term::Int(1), Term::Int(3)}),
                   Term::Tuple({Term::Int(2), Term::Int(0)})});
}

TEST(TermCompareTest, ListsCompareElementByElement) {
  ExpectAscending({Term::Cons(Term::Int('a'), Term::Int(5)), Term::String("a"), Term::String("aa"),
                   Term::String("ab"), Term::List({Term::Int(300)})});
}

TEST(TermCompareTest, BinariesCompareByBytesThenLength) {
  ExpectAscending({Term::Binary("a"), Term::Binary("ab"), Term::Binary("b"), Term::Binary("\xff")});
}

TEST(TermCompareTest, AtomsCompareByName) {
  const Term later = Term::Atom("zz_made_first");
  ExpectAscending({Term::Atom("aa_made_second"), later});
}

TEST(TermCompareTest, MapsCompareBySizeThenKeysThenValues) {
  const auto map = [](std::vector<std::pair<Term, Term>> pairs) {
    return *Term::Map(std::move(pairs));
  };
  const Term one = Term::Int(1);
  const Term two = Term::Int(2);
  ExpectAscending({map({{two, one}}), map({{one, two}, {two, one}}), map({{one, two}, {two, two}}),
                   map({{one, one}, {Term::Int(3), one}})});
}

TEST(TermCompareTest, MapKeysPutIntegersBeforeFloatsAtEveryDepth) {
  EXPECT_EQ(CompareKeys(Term::Int(2), F(1)), -1);
  EXPECT_EQ(CompareKeys(Term::Tuple({Term::Int(2)}), Term::Tuple({F(1)})), -1);
  EXPECT_EQ(Term::Compare(Term::Int(2), F(1)), 1);
}

}  // namespace
}  // namespace portlab
