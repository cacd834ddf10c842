#include <gtest/gtest.h>

#include "portlab/term.h"

namespace portlab {
namespace {

TEST(TermPrintTest, FloatsPrintAsOtpsShortestForm) {
  const std::pair<double, const char*> cases[] = {
      {1.0, "1.0"},
      {0.1, "0.1"},
      {100.0, "100.0"},
      {1000.0, "1.0e3"},
      {1e4, "1.0e4"},
      {123456.0, "123456.0"},
      {1e5, "1.0e5"},
      {1e15, "1.0e15"},
      {123456789012345680.0, "1.2345678901234568e17"},
      {9007199254740992.0, "9.007199254740992e15"},
      {9007199254740991.0, "9007199254740991.0"},
      {1e22, "1.0e22"},
      {0.01, "0.01"},
      {0.001, "0.001"},
      {0.0001, "0.0001"},
      {0.00123, "0.00123"},
      {0.000123, "1.23e-4"},
      {1.5e-7, "1.5e-7"},
      {-0.0, "-0.0"},
      {5e-324, "5.0e-324"},
      {1.7976931348623157e308, "1.7976931348623157e308"},
      {12345.678, "12345.678"},
      {1234567.0, "1234567.0"},
      {12340000.0, "1.234e7"},
      {4503599627370496.0, "4503599627370496.0"}};
  for (const auto& [value, text] : cases) EXPECT_EQ(Term::Float(value)->ToString(), text);
}

TEST(TermPrintTest, AtomsAreQuotedWhenErlangNeedsIt) {
  const std::pair<const char*, const char*> cases[] = {{"ok", "ok"},
                                                       {"a@b", "a@b"},
                                                       {"aB_1", "aB_1"},
                                                       {"", "''"},
                                                       {"Ab", "'Ab'"},
                                                       {"_a", "'_a'"},
                                                       {"a b", "'a b'"},
                                                       {"it's", "'it\\'s'"},
                                                       {"\\", "'\\\\'"},
                                                       {"a\nb", "'a\\nb'"},
                                                       {"\x01", "'\\001'"},
                                                       {"\x7f ", "'\\d '"},
                                                       {"\xc3\xa5", "\xc3\xa5"},
                                                       {"\xc2\x80", "'\\200'"},
                                                       {"\xe4\xb8\xad", "'\\x{4E2D}'"},
                                                       {"if", "'if'"},
                                                       {"maybe", "maybe"},
                                                       {"let", "'let'"},
                                                       {"xor", "'xor'"},
                                                       {"1a", "'1a'"},
                                                       {"\xc3\xb7"
                                                        "a",
                                                        "'\xc3\xb7"
                                                        "a'"},
                                                       {"a\xc3\xb7", "'a\xc3\xb7'"}};
  for (const auto& [name, text] : cases) EXPECT_EQ(Term::Atom(name).ToString(), text);
}

TEST(TermPrintTest, PrintableListsPrintAsStrings) {
  EXPECT_EQ(Term::String("a\x1b\"\\\n\t\b\f\v\r").ToString(), R"("a\e\"\\\n\t\b\f\v\r")");
  EXPECT_EQ(Term::String("\xa0\xff").ToString(), "\"\xc2\xa0\xc3\xbf\"");
  EXPECT_EQ(Term::String("\x7f"
                         "a")
                .ToString(),
            "[127,97]");
  EXPECT_EQ(Term::String("\x80").ToString(), "[128]");
  EXPECT_EQ(Term::List({Term::Int('a'), Term::Int('b')}).ToString(), "\"ab\"");
  EXPECT_EQ(Term::List({Term::Int('a'), Term::Int(300)}).ToString(), "[97,300]");
  EXPECT_EQ(Term::String("ab", Term::Atom("c")).ToString(), "[97,98|c]");
}

TEST(TermPrintTest, BinariesPrintAsTextOnlyWhenPrintable) {
  EXPECT_EQ(Term::Binary("").ToString(), "<<>>");
  EXPECT_EQ(Term::Binary("a\"b").ToString(), R"(<<"a\"b">>)");
  EXPECT_EQ(Term::Binary(std::string_view("ab\0", 3)).ToString(), "<<97,98,0>>");
  EXPECT_EQ(Term::Binary("\xc3\xa5").ToString(), "<<\"\xc3\x83\xc2\xa5\">>");
}

TEST(TermPrintTest, ContainersPrintWithoutSpaces) {
  const Term one = Term::Int(1);
  EXPECT_EQ(Term::Tuple({}).ToString(), "{}");
  EXPECT_EQ(Term::Tuple({one, Term::List({Term::Int(2), one}), Term::Nil()}).ToString(),
            "{1,[2,1],[]}");
  EXPECT_EQ(Term::Cons(Term::Atom("a"), Term::Tuple({one})).ToString(), "[a|{1}]");
  EXPECT_EQ(Term::Map({})->ToString(), "#{}");
}

TEST(TermPrintTest, MapsPrintInKeyOrder) {
  const auto map = Term::Map({{*Term::Float(1), Term::Atom("a")},
                              {Term::Binary(""), Term::Int(4)},
                              {Term::String("s"), Term::Int(1)},
                              {Term::Int(2), Term::Atom("x")},
                              {Term::Nil(), Term::Int(3)},
                              {Term::Int(1), Term::Atom("b")},
                              {Term::Tuple({}), Term::Int(2)},
                              {Term::Atom("a"), Term::Int(1)}});
  EXPECT_EQ(map->ToString(),
            "#{1 => b,2 => x,1.0 => a,a => 1,{} => 2,[] => 3,\"s\" => 1,<<>> => 4}");
}

TEST(TermPrintTest, IdentifiersPrintAsInTheShell) {
  EXPECT_EQ(Term::Of(Pid{85}).ToString(), "<0.85.0>");
  EXPECT_EQ(Term::Of(PortId{5}).ToString(), "#Port<0.5>");
  EXPECT_EQ(Term::Of(RefId{7}).ToString(), "#Ref<0.0.0.7>");
  EXPECT_EQ(Term::OfReferenceWords({0x21177, 0xf1f40001, 0xf674712a, 0, 0}).ToString(),
            "#Ref<0.4134826282.4059299841.135543>");
}

TEST(TermPrintTest, BigIntegersPrintInDecimal) {
  std::vector<std::uint8_t> two_to_100(13);
  two_to_100.back() = 16;
  EXPECT_EQ(Term::Big(false, two_to_100).ToString(), "1267650600228229401496703205376");
  EXPECT_EQ(Term::Big(true, two_to_100).ToString(), "-1267650600228229401496703205376");
  const std::uint8_t billions[] = {0,    0,    0x64, 0xa7,
                                   0xb3, 0xb6, 0xe0, 0x0d};  // 10^18: groups of zeros inside
  EXPECT_EQ(Term::Big(false, billions).ToString(), "1000000000000000000");
}

TEST(TermPrintTest, HugeIntegersPrintInBase16) {
  std::vector<std::uint8_t> magnitude(20'000);
  magnitude.back() = 1;
  const std::string text = Term::Big(false, magnitude).ToString();
  EXPECT_EQ(text, "16#1" + std::string(2 * 19'999, '0'));
}

}  // namespace
}  // namespace portlab
