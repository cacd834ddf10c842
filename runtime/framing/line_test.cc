#include "framing/line.h"

#include <gtest/gtest.h>

#include <vector>

namespace portlab {

void PrintTo(const LinePiece& piece, std::ostream* out) {
  *out << (piece.eol ? "eol " : "noeol ") << testing::PrintToString(piece.bytes);
}

namespace {

using Pieces = std::vector<LinePiece>;
LinePiece Eol(std::string bytes) { return {true, std::move(bytes)}; }
LinePiece Noeol(std::string bytes) { return {false, std::move(bytes)}; }

Pieces PopAll(LineDecoder& decoder) {
  Pieces out;
  while (std::optional<LinePiece> piece = decoder.Next()) out.push_back(*piece);
  return out;
}

struct Case {
  std::size_t max_line;
  std::string input;
  Pieces pieces;
};

const Case kCases[] = {
    // The golden behaviours 15-18 and 20.
    {4, "ab\ncdefgh\nxy", {Eol("ab"), Noeol("cdef"), Eol("gh"), Noeol("xy")}},
    {4, "abcd\nabcde\n", {Eol("abcd"), Noeol("abcd"), Eol("e")}},
    {10, "a\r\nb\rc\n\r\nz\r", {Eol("a"), Eol("b\rc"), Eol(""), Noeol("z\r")}},
    {3, "abc\r\nabc\rd\n", {Eol("abc"), Noeol("abc"), Eol("\rd")}},
    {512, std::string(600, 'a') + "\n", {Noeol(std::string(512, 'a')), Eol(std::string(88, 'a'))}},
    // Measured on OTP 25 as well.
    {3, "abc\r", {Noeol("abc"), Noeol("\r")}},
    {3, "abcd", {Noeol("abc"), Noeol("d")}},
    {3, "ab\r\n", {Eol("ab")}},
    {3, "abc\r\r\n", {Noeol("abc"), Eol("\r")}},
    {3, "abcdef\n", {Noeol("abc"), Eol("def")}},
    {1, "\r\n", {Eol("")}},
    {1, "\r\r\na", {Eol("\r"), Noeol("a")}},
    {3, "ab\rc\n", {Noeol("ab\r"), Eol("c")}},
    {3, "\r\n\n", {Eol(""), Eol("")}},
    {3, "abc\r\rx", {Noeol("abc"), Noeol("\r\rx")}},
    {3, "", {}},
};

TEST(LineDecoderTest, InputInOneReadGivesOtpsPieces) {
  for (const Case& c : kCases) {
    LineDecoder decoder(c.max_line);
    decoder.Feed(AsBytes(c.input));
    decoder.Finish();
    EXPECT_EQ(PopAll(decoder), c.pieces) << testing::PrintToString(c.input);
  }
}

TEST(LineDecoderTest, InputCutAnywhereGivesTheSamePieces) {
  for (const Case& c : kCases) {
    for (std::size_t cut = 1; cut < c.input.size(); ++cut) {
      LineDecoder decoder(c.max_line);
      decoder.Feed(AsBytes(c.input.substr(0, cut)));
      decoder.Feed(AsBytes(c.input.substr(cut)));
      decoder.Finish();
      EXPECT_EQ(PopAll(decoder), c.pieces) << testing::PrintToString(c.input) << " cut at " << cut;
    }
    LineDecoder decoder(c.max_line);
    for (char byte : c.input) decoder.Feed(AsBytes(std::string_view(&byte, 1)));
    decoder.Finish();
    EXPECT_EQ(PopAll(decoder), c.pieces) << testing::PrintToString(c.input) << " byte by byte";
  }
}

TEST(LineDecoderTest, FullPieceIsHeldUntilItIsKnownHowItEnds) {
  LineDecoder decoder(3);
  decoder.Feed(AsBytes("abc"));
  EXPECT_EQ(PopAll(decoder), Pieces{});
  decoder.Feed(AsBytes("d"));
  EXPECT_EQ(PopAll(decoder), Pieces{Noeol("abc")});
}

TEST(LineDecoderTest, FinishTwiceGivesTheRestOnce) {
  LineDecoder decoder(3);
  decoder.Feed(AsBytes("ab"));
  decoder.Finish();
  decoder.Finish();
  EXPECT_EQ(PopAll(decoder), Pieces{Noeol("ab")});
}

}  // namespace
}  // namespace portlab
