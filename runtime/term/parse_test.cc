#include "term/parse.h"

#include <gtest/gtest.h>

#include "term/integer_text.h"

namespace portlab {
namespace {

std::string Parsed(std::string_view text) {
  const Result<Term> term = ParseTerm(text);
  return term ? term->ToString() : "refused: " + term.error().detail;
}

TEST(ParseTermTest, PrintedTermsComeBackAsThemselves) {
  const char* texts[] = {"ok",
                         "'Quoted atom'",
                         "'it\\'s'",
                         "'\\001\\x{4E2D}'",
                         "a@b",
                         "\xc3\xa5",
                         "''",
                         "0",
                         "-1",
                         "1152921504606846976",
                         "-1267650600228229401496703205376",
                         "1.5",
                         "-0.0",
                         "1.0e22",
                         "1.5e-7",
                         "5.0e-324",
                         "\"text \\\"\\n\\e\"",
                         "[127,97]",
                         "[]",
                         "[a|b]",
                         "[97,98|c]",
                         "[[],[[]]]",
                         "{}",
                         "{a,{b},[]}",
                         "#{}",
                         "#{1 => b,1.0 => a,[] => #{}}",
                         "<<>>",
                         "<<1,2,255>>",
                         "<<\"text\">>",
                         "<<\"\xc3\x83\xc2\xa5\">>",
                         "<0.85.0>",
                         "<0.85.3>",
                         "#Port<0.5>",
                         "#Ref<0.0.0.7>",
                         "#Ref<0.4134826282.4059299841.135543>",
                         "\"\xc3\xa5\""};
  for (const char* text : texts) EXPECT_EQ(Parsed(text), text);
}

TEST(ParseTermTest, HandWrittenFormsAreRead) {
  EXPECT_EQ(Parsed(" { a , [ 1 , 2 | t ] , #{ k => v } } . "), "{a,[1,2|t],#{k => v}}");
  EXPECT_EQ(Parsed("+7"), "7");
  EXPECT_EQ(Parsed("16#ff"), "255");
  EXPECT_EQ(Parsed("-2#101"), "-5");
  EXPECT_EQ(Parsed("[$a,$\\n,$\\\\]"), "\"a\\n\\\\\"");
  EXPECT_EQ(Parsed("1.5E3"), "1.5e3");
  EXPECT_EQ(Parsed("\"\\x41\\x{42}\\103\\s\""), "\"ABC \"");
  EXPECT_EQ(Parsed("<<\"ab\", 0, \"c\">>"), "<<97,98,0,99>>");
  EXPECT_EQ(Parsed("<<\"\xc3\xa5\"/utf8>>"), "<<\"\xc3\x83\xc2\xa5\">>");
  EXPECT_EQ(Parsed("\"\xe4\xb8\xad\""), "[20013]");
  EXPECT_EQ(Parsed("\"\""), "[]");
}

TEST(ParseTermTest, MistakesAreRefusedWithTheirPlace) {
  const char* texts[] = {"",
                         "  ",
                         ".",
                         "[",
                         "]",
                         "[1",
                         "[1,]",
                         "[,1]",
                         "[1|]",
                         "[1|2,3]",
                         "[1|2|3]",
                         "[|1]",
                         "{1|2}",
                         "{1",
                         "{1]",
                         "[1}",
                         "{1 2}",
                         "#{",
                         "#{1}",
                         "#{1 =>}",
                         "#{1 => 2,}",
                         "#{1 => 2 => 3}",
                         "#{1,2}",
                         "#{1 => 2,1 => 3}",
                         "[1 => 2]",
                         "\"open",
                         "'open",
                         "\"\\",
                         "\"\\x{110000}\"",
                         "\"\\x4\"",
                         "\"\\x{}\"",
                         "<<256>>",
                         "<<-1>>",
                         "<<a>>",
                         "<<1",
                         "<<1,>>",
                         "<<1 2>>",
                         "1#1",
                         "37#1",
                         "2#2",
                         "16#",
                         "1.0e999",
                         "-",
                         "$",
                         "Variable",
                         "_",
                         "a b",
                         "1 2",
                         "<0.5>",
                         "<0.5.0",
                         "<0.x.0>",
                         "<0.268435456.0>",
                         "#Port<0.>",
                         "#Port<0.1.2>",
                         "#Ref<0.1>",
                         "#Ref<0.1.2.3.4.5.6>",
                         "=>",
                         ",",
                         "\xff",
                         "\"\xff\""};
  for (const char* text : texts) {
    const Result<Term> term = ParseTerm(text);
    ASSERT_FALSE(term) << text << " gave " << term->ToString();
    EXPECT_GT(term.error().detail.size(), std::string("Erlang text, byte 0: ").size()) << text;
  }
}

TEST(ParseTermTest, RefusalSaysWhere) {
  EXPECT_EQ(Parsed("{a,[1,}"), "refused: Erlang text, byte 7: expected a term");
}

TEST(ParseTermTest, DeepNestingDoesNotRecurse) {
  const std::string text = std::string(200'000, '[') + std::string(200'000, ']');
  EXPECT_EQ(Parsed(text), text);
  EXPECT_FALSE(ParseTerm(std::string(200'000, '{')));
}

TEST(ParseTermTest, LongestDecimalPrintedComesBackAndLongerIsRefused) {
  const std::vector<std::uint8_t> magnitude(kMaxDecimalBytes, 0xff);
  const Term largest = Term::Big(true, magnitude);
  EXPECT_EQ(ParseTerm(largest.ToString()).value(), largest);
  EXPECT_FALSE(ParseTerm(std::string(kMaxDecimalBytes * 3, '9')));
}

TEST(ParseTermTest, HugeIntegersInBase16ComeBack) {
  std::vector<std::uint8_t> magnitude(kMaxDecimalBytes + 1, 0x5a);
  magnitude.back() = 0x0a;
  const Term huge = Term::Big(false, magnitude);
  EXPECT_EQ(ParseTerm(huge.ToString()).value(), huge);
}

}  // namespace
}  // namespace portlab
