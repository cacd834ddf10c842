#include "framing/io_vector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace portlab {
namespace {

using testing::ElementsAre;
using Sizes = std::vector<std::size_t>;

Term B(std::size_t size) { return Term::Binary(std::string(size, 'b')); }
Term Times(std::size_t count, const Term& term) {
  return Term::List(std::vector<Term>(count, term));
}
Term S(std::string_view text) { return Term::String(text); }

Sizes SizesOf(const Term& term) {
  const std::optional<IoVector> packed = PackIodata(term);
  Sizes sizes;
  std::string bytes;
  for (const IoPiece& piece : packed->pieces()) {
    sizes.push_back(piece.size);
    bytes.append(piece.bytes(), piece.size);
  }
  EXPECT_EQ(bytes, FlattenIodata(term)) << "no byte is lost or moved";
  EXPECT_EQ(packed->total_bytes(), bytes.size());
  return sizes;
}

// Expected sizes: what an outputv driver on OTP 25 was given, slot 0 aside.
TEST(PackIodataTest, FewerThan16PiecesAreNotPacked) {
  EXPECT_EQ(SizesOf(Times(15, B(70))), Sizes(15, 70));
  EXPECT_EQ(SizesOf(Times(15, B(300))), Sizes(15, 300));
}

TEST(PackIodataTest, From16PiecesOnSmallBinariesAreCopiedTogether) {
  EXPECT_EQ(SizesOf(Times(16, B(70))), Sizes{1120});
  EXPECT_EQ(SizesOf(Times(20, B(255))), Sizes{5100});
}

TEST(PackIodataTest, LargeBinariesStayShared) {
  EXPECT_EQ(SizesOf(Times(20, B(256))), Sizes(20, 256));
  EXPECT_EQ(SizesOf(Times(16, B(300))), Sizes(16, 300));
  const Term large = B(300);
  const std::optional<IoVector> packed = PackIodata(Times(16, large));
  EXPECT_EQ(packed->pieces()[7].block, large.binary_block());
}

TEST(PackIodataTest, RunsOfSmallPartsAreOnePieceEach) {
  EXPECT_THAT(SizesOf(Term::List({S("abc"), B(70), S("de"), B(10), Term::Int('f'), B(70), S("x")})),
              ElementsAre(3, 70, 13, 70, 1));
  const Term group = Term::List({S("a"), B(70), B(300)});
  Sizes expected;
  for (int i = 0; i < 8; ++i) expected.insert(expected.end(), {71, 300});
  EXPECT_EQ(SizesOf(Times(8, group)), expected);
}

TEST(PackIodataTest, AllRunsShareOneCommonBlock) {
  const std::optional<IoVector> packed = PackIodata(Term::List({S("a"), B(70), S("b")}));
  ASSERT_EQ(packed->pieces().size(), 3U);
  EXPECT_EQ(packed->pieces()[0].block, packed->pieces()[2].block);
  EXPECT_NE(packed->pieces()[0].block, packed->pieces()[1].block);
}

TEST(PackIodataTest, SmallPartOfALargeBinaryIsCopied) {
  const Term large = B(1000);
  const Term part = Term::SharedBinary(*large.binary_block(), 5, 30);
  EXPECT_EQ(SizesOf(Term::List({S("a"), part, S("b")})), Sizes{32});
}

TEST(PackIodataTest, PartOfALargeBinaryIsSharedAtItsOffset) {
  const Term large = B(1000);
  const std::optional<IoVector> packed =
      PackIodata(Term::SharedBinary(*large.binary_block(), 5, 100));
  ASSERT_EQ(packed->pieces().size(), 1U);
  EXPECT_EQ(packed->pieces()[0].block, large.binary_block());
  EXPECT_EQ(packed->pieces()[0].offset, 5U);
}

TEST(PackIodataTest, NothingGivesNoPieceButTheEmptyBinaryGivesOne) {
  EXPECT_EQ(SizesOf(Term::Nil()), Sizes{});
  EXPECT_EQ(SizesOf(Term::List({Term::Binary(""), Term::Nil()})), Sizes{});
  EXPECT_EQ(SizesOf(Term::Binary("")), Sizes{0});
  EXPECT_EQ(PackIodata(Term::Binary(""))->pieces()[0].block, nullptr);
}

TEST(PackIodataTest, EmptyBinariesDoNotBreakRuns) {
  EXPECT_EQ(SizesOf(Term::List({Term::Binary(""), B(70), Term::Binary(""), B(70)})),
            (Sizes{70, 70}));
  EXPECT_EQ(SizesOf(Term::List({S("a"), Term::Binary(""), S("b")})), Sizes{2});
}

TEST(PackIodataTest, NotIodataGivesNothing) {
  EXPECT_FALSE(PackIodata(Term::Atom("a")));
  EXPECT_FALSE(PackIodata(Term::List({B(300), Term::Int(256)})));
}

TEST(PackIodataTest, ReferencesAreGivenBack) {
  const std::int64_t before = BinaryBlock::live();
  {
    IoVector first = *PackIodata(Times(3, Term::List({S("a"), B(100)})));
    IoVector second = *PackIodata(B(100));
    second = std::move(first);
    const IoVector third = std::move(second);
    EXPECT_EQ(third.pieces().size(), 6U);
    EXPECT_GT(BinaryBlock::live(), before);
  }
  EXPECT_EQ(BinaryBlock::live(), before);
}

}  // namespace
}  // namespace portlab
