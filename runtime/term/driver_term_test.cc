#include "term/driver_term.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/binary_block.h"
#include "erl_driver.h"
#include "term/parse.h"

namespace portlab {
namespace {

using Program = std::vector<TermWord>;

static_assert(ERL_DRV_NIL == 1 && ERL_DRV_ATOM == 2 && ERL_DRV_INT == 3 && ERL_DRV_PORT == 4 &&
              ERL_DRV_BINARY == 5 && ERL_DRV_STRING == 6 && ERL_DRV_TUPLE == 7 &&
              ERL_DRV_LIST == 8 && ERL_DRV_STRING_CONS == 9 && ERL_DRV_PID == 10 &&
              ERL_DRV_FLOAT == 11 && ERL_DRV_EXT2TERM == 12 && ERL_DRV_UINT == 13 &&
              ERL_DRV_BUF2BINARY == 14 && ERL_DRV_INT64 == 15 && ERL_DRV_UINT64 == 16 &&
              ERL_DRV_MAP == 17);

template <class T>
TermWord At(const T* pointer) {
  return reinterpret_cast<TermWord>(pointer);
}
TermWord W(std::int64_t value) { return static_cast<TermWord>(value); }
TermWord AtomWord(std::string_view name) { return Term::Atom(name).word(); }

// What the program builds, printed; "-1" for a program that is refused.
std::string Built(const Program& program) {
  const std::optional<Term> term = BuildDriverTerm(program);
  return term ? term->ToString() : "-1";
}

class Block {
 public:
  explicit Block(std::string_view bytes) : block_(BinaryBlock::Allocate(bytes.size())) {
    std::copy(bytes.begin(), bytes.end(), block_->bytes());
  }
  ~Block() { block_->Release(); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  TermWord visible() const { return At(block_->visible()); }
  std::int64_t count() const { return block_->count; }

 private:
  BinaryBlock* block_;
};

TEST(BuildDriverTermTest, ImmediatesAreBuilt) {
  EXPECT_EQ(Built({ERL_DRV_NIL}), "[]");
  EXPECT_EQ(Built({ERL_DRV_ATOM, AtomWord("ok")}), "ok");
  EXPECT_EQ(Built({ERL_DRV_PORT, PortId{5}.word()}), "#Port<0.5>");
  EXPECT_EQ(Built({ERL_DRV_PID, Pid{80}.word()}), "<0.80.0>");
  EXPECT_EQ(Built({ERL_DRV_INT, W(-5)}), "-5");
  EXPECT_EQ(Built({ERL_DRV_UINT, UINT64_MAX}), "18446744073709551615");
  EXPECT_EQ(Built({ERL_DRV_INT, W(INT64_MIN)}), "-9223372036854775808");
}

TEST(BuildDriverTermTest, WordsOfAnotherKindAreRefused) {
  EXPECT_EQ(Built({ERL_DRV_ATOM, Pid{80}.word()}), "-1");
  EXPECT_EQ(Built({ERL_DRV_ATOM, kNilWord}), "-1");
  EXPECT_EQ(Built({ERL_DRV_ATOM, 0}), "-1");
  EXPECT_EQ(Built({ERL_DRV_ATOM, (TermWord{1} << 60) | kTagAtom}), "-1");
  EXPECT_EQ(Built({ERL_DRV_PORT, AtomWord("ok")}), "-1");
  EXPECT_EQ(Built({ERL_DRV_PORT, kNilWord}), "-1")
      << "what driver_mk_port answers after driver_failure";
  EXPECT_EQ(Built({ERL_DRV_PID, PortId{5}.word()}), "-1");
  EXPECT_EQ(Built({ERL_DRV_PID, kNilWord}), "-1") << "what driver_caller answers outside a call";
}

TEST(BuildDriverTermTest, NumbersBehindPointersAreRead) {
  const double real = 2.5;
  const ErlDrvSInt64 low = std::numeric_limits<ErlDrvSInt64>::min();
  const ErlDrvUInt64 high = std::numeric_limits<ErlDrvUInt64>::max();
  EXPECT_EQ(Built({ERL_DRV_FLOAT, At(&real)}), "2.5");
  EXPECT_EQ(Built({ERL_DRV_INT64, At(&low)}), "-9223372036854775808");
  EXPECT_EQ(Built({ERL_DRV_UINT64, At(&high)}), "18446744073709551615");
}

TEST(BuildDriverTermTest, FloatsThatAreNotFiniteAreRefused) {
  for (double value : {std::nan(""), double{INFINITY}, -double{INFINITY}})
    EXPECT_EQ(Built({ERL_DRV_FLOAT, At(&value)}), "-1");
}

TEST(BuildDriverTermTest, NullPointersAreRefusedButForTheEmptyBinary) {
  for (TermWord tag : {ERL_DRV_FLOAT, ERL_DRV_INT64, ERL_DRV_UINT64})
    EXPECT_EQ(Built({tag, 0}), "-1") << tag;
  EXPECT_EQ(Built({ERL_DRV_STRING, 0, 1}), "-1");
  EXPECT_EQ(Built({ERL_DRV_BUF2BINARY, 0, 1}), "-1");
  EXPECT_EQ(Built({ERL_DRV_BINARY, 0, 0, 0}), "-1");
  EXPECT_EQ(Built({ERL_DRV_STRING, 0, 0}), "-1");
  EXPECT_EQ(Built({ERL_DRV_NIL, ERL_DRV_STRING_CONS, 0, 0}), "-1");
  EXPECT_EQ(Built({ERL_DRV_BUF2BINARY, 0, 0}), "<<>>");
}

TEST(BuildDriverTermTest, LengthsNoBufferCanHaveAreRefused) {
  EXPECT_EQ(Built({ERL_DRV_STRING, At("x"), W(-1)}), "-1");
  EXPECT_EQ(Built({ERL_DRV_BUF2BINARY, At("x"), W(-1)}), "-1");
}

TEST(BuildDriverTermTest, StringsAreListsOfBytes) {
  EXPECT_EQ(Built({ERL_DRV_STRING, At("abc"), 3}), "\"abc\"");
  EXPECT_EQ(Built({ERL_DRV_STRING, At("abc"), 0}), "[]");
}

TEST(BuildDriverTermTest, StringConsPutsBytesBeforeTheTop) {
  EXPECT_EQ(Built({ERL_DRV_ATOM, AtomWord("t"), ERL_DRV_STRING_CONS, At("ab"), 2}), "[97,98|t]");
  EXPECT_EQ(Built({ERL_DRV_STRING, At("cd"), 2, ERL_DRV_STRING_CONS, At("ab"), 2}), "\"abcd\"");
  EXPECT_EQ(Built({ERL_DRV_NIL, ERL_DRV_STRING_CONS, At("ab"), 0}), "[]");
  EXPECT_EQ(Built({ERL_DRV_STRING_CONS, At("ab"), 2}), "-1") << "nothing on the stack";
}

TEST(BuildDriverTermTest, BuffersAreCopied) {
  char buffer[] = "abc";
  const Program program = {ERL_DRV_BUF2BINARY, At(buffer), 3};
  const std::optional<Term> term = BuildDriverTerm(program);
  buffer[0] = 'X';
  EXPECT_EQ(term->ToString(), "<<\"abc\">>");
}

TEST(BuildDriverTermTest, BinariesUpTo64BytesAreCopiedLargerOnesShared) {
  const Block block(std::string(100, 'x'));
  const Program small = {ERL_DRV_BINARY, block.visible(), 64, 0};
  const Program large = {ERL_DRV_BINARY, block.visible(), 65, 35};
  const std::optional<Term> copied = BuildDriverTerm(small);
  EXPECT_EQ(block.count(), 1);
  EXPECT_EQ(copied->binary().size(), 64U);
  {
    const std::optional<Term> shared = BuildDriverTerm(large);
    EXPECT_EQ(block.count(), 2);
    EXPECT_EQ(shared->binary_offset(), 35U);
  }
  EXPECT_EQ(block.count(), 1);
}

TEST(BuildDriverTermTest, BinaryPartMustLieInside) {
  const Block block("0123456789");
  EXPECT_EQ(Built({ERL_DRV_BINARY, block.visible(), 3, 2}), "<<\"234\">>");
  EXPECT_EQ(Built({ERL_DRV_BINARY, block.visible(), 0, 10}), "<<>>");
  EXPECT_EQ(Built({ERL_DRV_BINARY, block.visible(), 11, 0}), "-1");
  EXPECT_EQ(Built({ERL_DRV_BINARY, block.visible(), 1, 10}), "-1");
  EXPECT_EQ(Built({ERL_DRV_BINARY, block.visible(), 0, 11}), "-1");
  EXPECT_EQ(Built({ERL_DRV_BINARY, block.visible(), W(-1), 2}), "-1") << "the sum wraps around";
}

TEST(BuildDriverTermTest, RefusedProgramGivesItsReferencesBack) {
  const Block block(std::string(100, 'x'));
  EXPECT_EQ(Built({ERL_DRV_BINARY, block.visible(), 100, 0, ERL_DRV_TUPLE, 2}), "-1");
  EXPECT_EQ(block.count(), 1);
}

TEST(BuildDriverTermTest, TuplesTakeTheirElementsFromTheStack) {
  EXPECT_EQ(Built({ERL_DRV_TUPLE, 0}), "{}");
  EXPECT_EQ(Built({ERL_DRV_INT, 1, ERL_DRV_INT, 2, ERL_DRV_TUPLE, 2}), "{1,2}");
  EXPECT_EQ(Built({ERL_DRV_INT, 1, ERL_DRV_TUPLE, 2}), "-1");
  EXPECT_EQ(Built({ERL_DRV_INT, 1, ERL_DRV_TUPLE, W(-1)}), "-1");
}

TEST(BuildDriverTermTest, LastTermOfAListIsItsTail) {
  EXPECT_EQ(Built({ERL_DRV_INT, 1, ERL_DRV_INT, 2, ERL_DRV_NIL, ERL_DRV_LIST, 3}), "[1,2]");
  EXPECT_EQ(Built({ERL_DRV_INT, 1, ERL_DRV_INT, 2, ERL_DRV_LIST, 2}), "[1|2]");
  EXPECT_EQ(Built({ERL_DRV_ATOM, AtomWord("a"), ERL_DRV_LIST, 1}), "a");
  EXPECT_EQ(Built({ERL_DRV_NIL, ERL_DRV_LIST, 2}), "-1");
  EXPECT_EQ(Built({ERL_DRV_NIL, ERL_DRV_LIST, 0}), "-1");
  EXPECT_EQ(Built({ERL_DRV_NIL, ERL_DRV_LIST, W(-1)}), "-1");
}

TEST(BuildDriverTermTest, MapsTakePairsAndRefuseAKeyTwice) {
  EXPECT_EQ(Built({ERL_DRV_MAP, 0}), "#{}");
  EXPECT_EQ(Built({ERL_DRV_INT, 2, ERL_DRV_NIL, ERL_DRV_INT, 1, ERL_DRV_INT, 3, ERL_DRV_MAP, 2}),
            "#{1 => 3,2 => []}");
  EXPECT_EQ(Built({ERL_DRV_INT, 1, ERL_DRV_NIL, ERL_DRV_INT, 1, ERL_DRV_NIL, ERL_DRV_MAP, 2}),
            "-1");
  EXPECT_EQ(Built({ERL_DRV_INT, 1, ERL_DRV_MAP, 1}), "-1");
  EXPECT_EQ(Built({ERL_DRV_INT, 1, ERL_DRV_NIL, ERL_DRV_MAP, W(-1)}), "-1");
  EXPECT_EQ(Built({ERL_DRV_INT, 1, ERL_DRV_NIL, ERL_DRV_MAP, (TermWord{1} << 63) + 1}), "-1")
      << "twice that wraps around";
}

TEST(BuildDriverTermTest, ExternalTermsAreDecoded) {
  const char bytes[] = "\x83h\2a\1a\2";
  EXPECT_EQ(Built({ERL_DRV_EXT2TERM, At(bytes), sizeof bytes - 1}), "{1,2}");
  EXPECT_EQ(Built({ERL_DRV_EXT2TERM,
                   At("\x83"
                      "a\1rest"),
                   7}),
            "1")
      << "bytes behind the term";
  EXPECT_EQ(Built({ERL_DRV_EXT2TERM, At(bytes), 4}), "-1");
  EXPECT_EQ(Built({ERL_DRV_EXT2TERM, At(bytes), 0}), "-1");
}

TEST(BuildDriverTermTest, ProgramMustLeaveExactlyOneTerm) {
  EXPECT_EQ(Built({}), "-1");
  EXPECT_EQ(Built({ERL_DRV_NIL, ERL_DRV_NIL}), "-1");
}

TEST(BuildDriverTermTest, UnknownTagsAreRefused) {
  for (TermWord tag :
       {TermWord{0}, TermWord{18}, TermWord{100}, W(-1), (TermWord{1} << 32) + ERL_DRV_NIL}) {
    EXPECT_EQ(Built({tag, 0, 0, 0}), "-1") << tag;
    EXPECT_EQ(Built({tag}), "-1") << tag;
  }
}

TEST(BuildDriverTermTest, EveryTagWithTooFewArgumentsIsRefused) {
  const std::pair<TermWord, std::size_t> tags[] = {
      {ERL_DRV_ATOM, 1},       {ERL_DRV_INT, 1},   {ERL_DRV_PORT, 1},     {ERL_DRV_BINARY, 3},
      {ERL_DRV_STRING, 2},     {ERL_DRV_TUPLE, 1}, {ERL_DRV_LIST, 1},     {ERL_DRV_STRING_CONS, 2},
      {ERL_DRV_PID, 1},        {ERL_DRV_FLOAT, 1}, {ERL_DRV_EXT2TERM, 2}, {ERL_DRV_UINT, 1},
      {ERL_DRV_BUF2BINARY, 2}, {ERL_DRV_INT64, 1}, {ERL_DRV_UINT64, 1},   {ERL_DRV_MAP, 1}};
  for (const auto& [tag, count] : tags) {
    for (std::size_t given = 0; given < count; ++given) {
      Program program = {ERL_DRV_NIL, tag};
      program.resize(program.size() + given);
      EXPECT_EQ(Built(program), "-1") << tag << " with " << given;
    }
  }
}

TEST(BuildDriverTermTest, UsualMessageIsBuilt) {
  EXPECT_EQ(Built({ERL_DRV_ATOM, AtomWord("tcp"), ERL_DRV_PORT, PortId{7}.word(), ERL_DRV_STRING,
                   At("data"), 4, ERL_DRV_TUPLE, 3}),
            "{tcp,#Port<0.7>,\"data\"}");
}

}  // namespace
}  // namespace portlab
