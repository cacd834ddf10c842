// Expected bytes are what term_to_binary/1 of OTP 25 gave for the same term.
#include <gtest/gtest.h>

#include "term/external_decoder.h"
#include "term/external_encoder.h"
#include "term/parse.h"

namespace portlab {
namespace {

using std::string_literals::operator""s;

const std::string kNode = "d\0\x0dnonode@nohost"s;

Term T(std::string_view text) {
  Result<Term> term = ParseTerm(text);
  EXPECT_TRUE(term) << text;
  return term.value_or(Term::Atom("unparsable"));
}
Result<Term> Decode(std::string_view bytes, const DecodeLimits& limits = {}) {
  return DecodeExternal(AsBytes(bytes), limits);
}
// The detail of a refusal; empty: it was not refused.
std::string Refusal(std::string_view bytes, const DecodeLimits& limits = {}) {
  const Result<Term> term = Decode(bytes, limits);
  return term ? "" : term.error().detail;
}
std::string Big32(std::uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
  return out;
}

struct Pair {
  Term term;
  std::string bytes;
};

std::vector<Pair> OtpsPairs() {
  return {
      {T("a"),
       "\x83"
       "d\0\1a"s},
      {T("255"),
       "\x83"
       "a\xff"},
      {T("256"),
       "\x83"
       "b\0\0\1\0"s},
      {T("-1"),
       "\x83"
       "b\xff\xff\xff\xff"},
      {T("-129"),
       "\x83"
       "b\xff\xff\xff\x7f"},
      {T("2147483648"), "\x83n\4\0\0\0\0\x80"s},
      {T("18446744073709551616"), "\x83n\x9\0\0\0\0\0\0\0\0\0\1"s},
      {T("1.5"),
       "\x83"
       "F\x3f\xf8\0\0\0\0\0\0"s},
      {T("\"abc\""), "\x83k\0\3abc"s},
      {T("[97|b]"),
       "\x83l\0\0\0\1"
       "aad\0\1b"s},
      {T("[]"), "\x83j"},
      {T("[a]"), "\x83l\0\0\0\1d\0\1aj"s},
      {T("'\xc3\xa5'"),
       "\x83"
       "d\0\1\xe5"s},
      {T("'\\x{4e2d}'"), "\x83w\3\xe4\xb8\xad"},
      {T("#{a => 1}"), "\x83t\0\0\0\1d\0\1aa\1"s},
      {T("{}"), "\x83h\0"s},
      {T("<<\"hi\">>"), "\x83m\0\0\0\2hi"s},
      {T("<0.9.0>"), "\x83X" + kNode + "\0\0\0\x9\0\0\0\0\0\0\0\0"s},
      {T("#Port<0.0>"), "\x83Y" + kNode + "\0\0\0\0\0\0\0\0"s},
      {T("#Ref<0.4134826282.4059299841.135543>"),
       "\x83Z\0\3"s + kNode + "\0\0\0\0\0\2\x11\x77\xf1\xf4\0\1\xf6\x74\x71\x2a"s},
  };
}

TEST(EncodeExternalTest, TermsGiveOtpsBytes) {
  for (const Pair& pair : OtpsPairs())
    EXPECT_EQ(EncodeExternal(pair.term), pair.bytes) << pair.term.ToString();
}

TEST(DecodeExternalTest, OtpsBytesGiveTheTerms) {
  for (const Pair& pair : OtpsPairs()) {
    const Result<Term> term = Decode(pair.bytes);
    ASSERT_TRUE(term) << pair.term.ToString() << ": " << term.error().detail;
    EXPECT_EQ(*term, pair.term);
  }
}

TEST(EncodeExternalTest, ListOfBytesIsAStringHoweverItIsKept) {
  EXPECT_EQ(EncodeExternal(Term::List({Term::Int(97), Term::Int(98)})),
            EncodeExternal(Term::String("ab")));
  EXPECT_EQ(EncodeExternal(Term::String(std::string(65535, 'x')))[1], 'k');
  EXPECT_EQ(EncodeExternal(Term::String(std::string(65536, 'x')))[1], 'l');
}

TEST(EncodeExternalTest, WhatIsEncodedDecodesToItself) {
  std::vector<std::uint8_t> huge(300, 0xab);
  const Term terms[] = {T("{[1,2.5,#{x => [y|z],1 => #{}}],<<0,255>>,<0.5.7>}"),
                        Term::Big(true, huge),
                        Term::Tuple(std::vector<Term>(300, Term::Atom("e"))),
                        Term::String(std::string(70'000, '\xff')),
                        Term::Of(PortId{std::uint64_t{1} << 40}),
                        Term::Of(RefId{UINT64_MAX}),
                        Term::Int(INT64_MIN),
                        Term::Int(-(std::int64_t{1} << 40)),
                        Term::String("ab", Term::Atom("tail"))};
  for (const Term& term : terms) {
    const std::string bytes = EncodeExternal(term);
    const Result<DecodedTerm> again = DecodeExternalPrefix(AsBytes(bytes));
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(again->term, term);
    EXPECT_EQ(again->consumed, bytes.size());
  }
}

TEST(DecodeExternalTest, OlderTagsAreRead) {
  EXPECT_EQ(*Decode("\x83s\2ok"), T("ok"));
  EXPECT_EQ(*Decode("\x83v\0\2ok"s), T("ok"));
  EXPECT_EQ(*Decode("\x83"
                    "d\0\2\xc3\xa5"s),
            T("'\xc3\x83\xc2\xa5'"))
      << "Latin-1, although it is valid UTF-8";
  EXPECT_EQ(*Decode("\x83"
                    "c1.50000000000000000000e+00\0\0\0\0\0"s),
            T("1.5"));
  EXPECT_EQ(*Decode("\x83g" + kNode + "\0\0\0\5\0\0\0\0\0"s), T("<0.5.0>"));
  EXPECT_EQ(*Decode("\x83"
                    "f" +
                    kNode + "\0\0\0\5\0"s),
            T("#Port<0.5>"));
  EXPECT_EQ(*Decode("\x83r\0\1"s + kNode + "\0\0\0\0\5"s), T("#Ref<0.0.0.5>"));
  EXPECT_EQ(*Decode("\x83i\0\0\0\1j"s), T("{[]}"));
  EXPECT_EQ(*Decode("\x83o\0\0\0\1\1\7"s), T("-7"));
  EXPECT_EQ(*Decode("\x83M\0\0\0\1\x8z"s), T("<<\"z\">>"));
}

TEST(DecodeExternalTest, EveryTruncationIsRefused) {
  for (const Pair& pair : OtpsPairs()) {
    for (std::size_t size = 0; size < pair.bytes.size(); ++size) {
      EXPECT_FALSE(Decode(std::string_view(pair.bytes).substr(0, size)))
          << pair.term.ToString() << " at " << size;
    }
  }
}

TEST(DecodeExternalTest, BytesBehindTheTermAreIgnoredAndCounted) {
  const Result<DecodedTerm> decoded =
      DecodeExternalPrefix(AsBytes("\x83"
                                   "a\1rest"));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->consumed, 3U);
  EXPECT_TRUE(
      Decode("\x83"
             "a\1rest"));
}

TEST(DecodeExternalTest, AnnouncedSizesAreNotBelieved) {
  for (char tag : {'i', 'l', 't'}) {
    const std::string bytes = "\x83"s + tag + "\xff\xff\xff\xff";
    EXPECT_NE(Refusal(bytes).find("announced"), std::string::npos) << tag;
  }
  for (char tag : {'m', 'o'}) EXPECT_NE(Refusal("\x83"s + tag + "\xff\xff\xff\xff\0x"s), "") << tag;
}

TEST(DecodeExternalTest, NestedAnnouncementsTakeMemoryOnlyForWhatIsThere) {
  // Every header promises as many terms as there are bytes behind it.
  std::string bytes = "\x83";
  constexpr std::uint32_t kHeaders = 50'000;
  for (std::uint32_t i = 1; i <= kHeaders; ++i) bytes += "i" + Big32(5 * (kHeaders - i));
  EXPECT_NE(Refusal(bytes), "");
}

TEST(DecodeExternalTest, DeepNestingIsBoundedByTheLimit) {
  std::string bytes = "\x83";
  for (int i = 0; i < 1000; ++i) bytes += "h\1"s;
  bytes += "j";
  EXPECT_TRUE(Decode(bytes));
  EXPECT_NE(Refusal(bytes, {.max_depth = 999}).find("nested deeper than 999"), std::string::npos);
  EXPECT_TRUE(Decode(bytes, {.max_depth = 1000}));
}

TEST(DecodeExternalTest, HugeIntegersAreRefused) {
  const std::string bytes = "\x83o\0\0\x10\0\0"s + std::string(4096, '\1');
  EXPECT_TRUE(Decode(bytes));
  EXPECT_NE(Refusal(bytes, {.max_integer_bytes = 4095}).find("4095"), std::string::npos);
}

TEST(DecodeExternalTest, WhatHasNoTermHereIsRefusedWithItsReason) {
  EXPECT_NE(Refusal("\x83P\0\0\0\1xxxx"s).find("compressed"), std::string::npos);
  EXPECT_NE(Refusal("\x83M\0\0\0\1\3z"s).find("bit strings"), std::string::npos);
  EXPECT_NE(Refusal("\x83p\0\0\0\0"s).find("tag 112"), std::string::npos);
  EXPECT_NE(Refusal("\x83"
                    "F\x7f\xf0\0\0\0\0\0\0"s)
                .find("finite"),
            std::string::npos);
  EXPECT_NE(Refusal("\x83"
                    "cnot a number\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"s)
                .find("no number"),
            std::string::npos);
  EXPECT_NE(Refusal("\x83w\1\xff").find("UTF-8"), std::string::npos);
  EXPECT_NE(Refusal("\x83"
                    "d\1\0"s +
                    std::string(256, 'a'))
                .find("255 characters"),
            std::string::npos);
  EXPECT_NE(Refusal("\x83t\0\0\0\2a\1ja\1j"s).find("key twice"), std::string::npos);
  EXPECT_NE(Refusal("\x83Z\0\6"s + kNode).find("1 to 5 words"), std::string::npos);
  EXPECT_NE(Refusal("\x83Z\0\1a\1"s).find("not an atom"), std::string::npos);
  EXPECT_NE(Refusal("a\1").find("131"), std::string::npos);
}

TEST(DecodeExternalTest, IdentifiersOfOtherNodesAreRefused) {
  const std::string foreign = "\x83Xd\0\3x@y\0\0\0\5\0\0\0\0\0\0\0\1"s;
  EXPECT_NE(Refusal(foreign).find("x@y"), std::string::npos);
}

TEST(DecodeExternalTest, IdentifiersOfTheGivenNodeSurviveTheRoundTrip) {
  const NodeIdentity node{"x@y", 1};
  const std::string bytes = "\x83Xd\0\3x@y\0\0\0\5\0\0\0\0\0\0\0\1"s;
  const Result<Term> pid = Decode(bytes, {.node = node});
  ASSERT_TRUE(pid);
  EXPECT_EQ(pid->as_pid(), Pid{5});
  EXPECT_EQ(EncodeExternal(*pid, node), bytes);
  EXPECT_NE(Refusal(bytes, {.node = {"x@y", 2}}).find("earlier life"), std::string::npos);
}

TEST(DecodeExternalTest, MillionElementListIsRead) {
  std::string bytes = "\x83l" + Big32(1'000'000);
  for (int i = 0; i < 1'000'000; ++i) bytes += "a\1";
  bytes += "j";
  const Result<Term> list = Decode(bytes);
  ASSERT_TRUE(list);
  EXPECT_EQ(list->list_elements()->size(), 1'000'000U);
}

}  // namespace
}  // namespace portlab
