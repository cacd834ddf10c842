#include "portlab/term.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>

#include "base/binary_block.h"

namespace portlab {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

TEST(TermTest, DefaultIsNilWithOtpsWord) {
  EXPECT_TRUE(Term().is(TermKind::kNil));
  EXPECT_EQ(Term().word(), 0x3bU);
}

TEST(TermTest, ImmediatesComeBackFromTheirWords) {
  for (const Term& term :
       {Term::Nil(), Term::Atom("ok"), Term::Int(-1), Term::Of(Pid{5}), Term::Of(PortId{0})}) {
    const std::optional<Term> again = Term::FromWord(term.word());
    ASSERT_TRUE(again) << term.ToString();
    EXPECT_EQ(again->kind(), term.kind());
    EXPECT_EQ(*again, term);
  }
}

TEST(TermTest, WordsThatAreNoImmediateGiveNothing) {
  const Term heap = Term::Tuple({});
  EXPECT_FALSE(Term::FromWord(0));
  EXPECT_FALSE(Term::FromWord(heap.word()));
  EXPECT_FALSE(Term::FromWord((TermWord{1} << 40 << 6) | kTagAtom));
  EXPECT_FALSE(Term::FromWord(PortId{}.word()));
  for (TermWord tag : {0x1, 0x2, 0x4, 0x8, 0x1b, 0x2b, 0x7b})
    EXPECT_FALSE(Term::FromWord(tag)) << tag;
}

TEST(TermTest, IntegersOf64BitsComeBack) {
  constexpr std::int64_t kSmall = std::int64_t{1} << 59;
  for (std::int64_t value :
       {std::int64_t{0}, std::int64_t{-1}, kSmall - 1, kSmall, -kSmall, -kSmall - 1, kMin, kMax}) {
    EXPECT_EQ(Term::Int(value).as_int(), value);
    EXPECT_EQ(Term::Int(value).ToString(), std::to_string(value));
  }
  EXPECT_EQ(Term::Uint(UINT64_MAX).as_uint(), UINT64_MAX);
  EXPECT_EQ(Term::Uint(UINT64_MAX).as_int(), std::nullopt);
  EXPECT_EQ(Term::Int(-1).as_uint(), std::nullopt);
  EXPECT_EQ(Term::Atom("a").as_int(), std::nullopt);
}

TEST(TermTest, IntegersBeyond60BitsAreBig) {
  constexpr std::int64_t kSmall = std::int64_t{1} << 59;
  EXPECT_TRUE(Term::Int(kSmall - 1).is(TermKind::kInt));
  EXPECT_TRUE(Term::Int(kSmall).is(TermKind::kBig));
  EXPECT_TRUE(Term::Int(-kSmall).is(TermKind::kInt));
  EXPECT_TRUE(Term::Int(-kSmall - 1).is(TermKind::kBig));
}

TEST(TermTest, BigOfSmallMagnitudeIsTheSmallInteger) {
  const std::uint8_t bytes[] = {7, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(Term::Big(true, bytes), Term::Int(-7));
  EXPECT_EQ(Term::Big(true, {}), Term::Int(0));
}

TEST(TermTest, BigOfMinusTwoToThe63IsAnInt64) {
  const std::uint8_t bytes[] = {0, 0, 0, 0, 0, 0, 0, 0x80};
  EXPECT_EQ(Term::Big(true, bytes).as_int(), kMin);
  EXPECT_EQ(Term::Big(false, bytes).as_int(), std::nullopt);
}

TEST(TermTest, FloatsThatAreNotFiniteGiveNothing) {
  EXPECT_FALSE(Term::Float(std::nan("")));
  EXPECT_FALSE(Term::Float(INFINITY));
  EXPECT_EQ(Term::Float(-0.5)->as_float(), -0.5);
}

TEST(TermTest, StringEqualsListBuiltCellByCell) {
  const Term string = Term::String("abc", Term::Atom("t"));
  const Term cells = Term::List({Term::Int('a'), Term::Int('b'), Term::Int('c')}, Term::Atom("t"));
  EXPECT_EQ(string, cells);
  EXPECT_EQ(cells, string);
  EXPECT_EQ(string.ToString(), cells.ToString());
  EXPECT_NE(string, Term::String("abc"));
  EXPECT_NE(Term::String("ab"), Term::String("abc"));
}

TEST(TermTest, StringWithoutBytesIsItsTail) {
  EXPECT_TRUE(Term::String("").is(TermKind::kNil));
  EXPECT_EQ(Term::String("", Term::Atom("t")), Term::Atom("t"));
}

TEST(TermTest, WalkingAStringGivesEveryByteAndTheTail) {
  Term rest = Term::String("abc", Term::Atom("t"));
  std::string seen;
  while (rest.is_list()) {
    EXPECT_EQ(rest.string_bytes().size(), 3 - seen.size());
    seen.push_back(static_cast<char>(*rest.head().as_int()));
    rest = rest.tail();  // drops the string the slice is of
  }
  EXPECT_EQ(seen, "abc");
  EXPECT_TRUE(rest.is_atom("t"));
}

TEST(TermTest, ListElementsAcrossStringAndCells) {
  const Term list = Term::Cons(Term::Atom("x"), Term::String("ab"));
  const auto elements = list.list_elements();
  ASSERT_TRUE(elements);
  EXPECT_EQ(Term::List(*elements), list);
  EXPECT_EQ(elements->size(), 3U);
  EXPECT_FALSE(Term::Cons(Term::Int(1), Term::Int(2)).list_elements());
  EXPECT_FALSE(Term::Int(1).list_elements());
  EXPECT_TRUE(Term::Nil().list_elements()->empty());
}

TEST(TermTest, MillionElementListIsDestroyedWithoutRecursion) {
  Term list;
  for (int i = 0; i < 1'000'000; ++i) list = Term::Cons(Term::Int(i), std::move(list));
  EXPECT_EQ(list.list_elements()->size(), 1'000'000U);
  list = Term::Nil();
  EXPECT_TRUE(list.is(TermKind::kNil));
}

TEST(TermTest, DeepNestingIsComparedPrintedAndDestroyedWithoutRecursion) {
  constexpr int kDepth = 500'000;
  const auto nest = [] {
    Term term = Term::Atom("x");
    for (int i = 0; i < kDepth; ++i) {
      switch (i % 4) {
        case 0:
          term = Term::Tuple({Term::Int(1), term});
          break;
        case 1:
          term = Term::Cons(std::move(term), Term::Atom("t"));
          break;
        case 2:
          term = *Term::Map({{Term::Int(1), std::move(term)}});
          break;
        default:
          term = Term::String("s", std::move(term));
      }
    }
    return term;
  };
  const Term a = nest();
  const Term b = nest();
  EXPECT_EQ(a, b);
  EXPECT_GT(a.ToString().size(), std::size_t{kDepth});
  EXPECT_GT(a.heap_bytes(), std::size_t{kDepth} * 16);
}

TEST(TermTest, SharedPartsOutliveTheTermTheyCameFrom) {
  Term part;
  {
    const Term whole = Term::Tuple({Term::String("kept"), Term::Nil()});
    part = whole.tuple()[0];
  }
  EXPECT_EQ(part.ToString(), "\"kept\"");
}

TEST(TermTest, SelfAssignmentKeepsTheTerm) {
  Term term = Term::Binary("abc");
  const Term& same = term;
  term = same;
  EXPECT_EQ(AsText(term.binary()), "abc");
}

TEST(TermTest, CopiesAreCountedAcrossThreads) {
  const std::int64_t before = BinaryBlock::live();
  {
    const Term shared = Term::Tuple({Term::Binary(std::string(100, 'x'))});
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([copy = shared] {
        for (int i = 0; i < 10'000; ++i) {
          const Term another = copy;
          ASSERT_EQ(another.tuple().size(), 1U);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(BinaryBlock::live(), before + 1);
  }
  EXPECT_EQ(BinaryBlock::live(), before);
}

TEST(TermTest, BinariesOver64BytesAreInABlock) {
  EXPECT_EQ(Term::Binary(std::string(64, 'x')).binary_block(), nullptr);
  EXPECT_NE(Term::Binary(std::string(65, 'x')).binary_block(), nullptr);
}

TEST(TermTest, SharedBinaryHoldsItsBlock) {
  const std::int64_t before = BinaryBlock::live();
  BinaryBlock* block = BinaryBlock::Allocate(10);
  std::copy_n("0123456789", 10, block->bytes());
  Term term = Term::SharedBinary(*block, 2, 3);
  block->Release();
  EXPECT_EQ(AsText(term.binary()), "234");
  EXPECT_EQ(term.binary_offset(), 2U);
  EXPECT_EQ(BinaryBlock::live(), before + 1);
  term = Term::Nil();
  EXPECT_EQ(BinaryBlock::live(), before);
}

TEST(TermTest, MapWithAKeyTwiceGivesNothing) {
  EXPECT_FALSE(Term::Map({{Term::Int(1), Term::Nil()}, {Term::Int(1), Term::Nil()}}));
  EXPECT_TRUE(Term::Map({{Term::Int(1), Term::Nil()}, {*Term::Float(1), Term::Nil()}}));
  EXPECT_TRUE(Term::Map({})->map().empty());
}

TEST(TermTest, TaggedTupleIsRecognisedByNameAndArity) {
  const Term tuple = Term::Tuple({Term::Atom("line"), Term::Int(80)});
  EXPECT_TRUE(tuple.is_tagged("line", 2));
  EXPECT_FALSE(tuple.is_tagged("line", 1));
  EXPECT_FALSE(tuple.is_tagged("packet", 2));
  EXPECT_FALSE(Term::Tuple({}).is_tagged("", 0));
  EXPECT_FALSE(Term::Atom("line").is_tagged("line", 1));
}

TEST(TermTest, ReferencesKeepTheirNumber) {
  const RefId ref{0xfedcba9876543210U};
  EXPECT_EQ(Term::Of(ref).as_ref(), ref);
  EXPECT_NE(Term::Of(ref), Term::Of(RefId{1}));
}

TEST(TermTest, HeapBytesGrowWithTheContent) {
  EXPECT_EQ(Term::Atom("a").heap_bytes(), 0U);
  EXPECT_GE(Term::Binary(std::string(1000, 'x')).heap_bytes(), 1000U);
  EXPECT_GE(Term::Tuple({Term::String("abcdefgh"), Term::Nil()}).heap_bytes(), 24U);
}

using TermDeathTest = testing::Test;

TEST(TermDeathTest, AccessorOfAnotherKindStopsTheProcess) {
  EXPECT_DEATH(Term::Int(1).as_float(), "as_float");
  EXPECT_DEATH(Term::Nil().head(), "head");
}

}  // namespace
}  // namespace portlab
