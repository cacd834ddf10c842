#include "framing/packet.h"

#include <gtest/gtest.h>

namespace portlab {
namespace {

using std::string_literals::operator""s;

std::string Header(PacketHeaderSize size, std::uint64_t payload) {
  return std::string(AsText(EncodePacketHeader(size, payload)->bytes()));
}
std::vector<std::string> PopAll(PacketDecoder& decoder) {
  std::vector<std::string> out;
  for (;;) {
    auto packet = decoder.Next();
    EXPECT_TRUE(packet.has_value());
    if (!packet || !*packet) return out;
    out.push_back(**packet);
  }
}

TEST(PacketHeaderTest, LengthIsBigEndian) {
  EXPECT_EQ(Header(PacketHeaderSize::k1, 255), "\xff"s);
  EXPECT_EQ(Header(PacketHeaderSize::k2, 0x0102), "\1\2"s);
  EXPECT_EQ(Header(PacketHeaderSize::k4, 0x01020304), "\1\2\3\4"s);
  EXPECT_EQ(Header(PacketHeaderSize::k4, 0), "\0\0\0\0"s);
}

TEST(PacketHeaderTest, PayloadTooLongForTheHeaderIsEinval) {
  EXPECT_TRUE(EncodePacketHeader(PacketHeaderSize::k2, 65535));
  const auto one = EncodePacketHeader(PacketHeaderSize::k1, 256);
  ASSERT_FALSE(one);
  EXPECT_EQ(one.error().Reason(), "einval");
  EXPECT_NE(one.error().detail.find("256"), std::string::npos);
  EXPECT_FALSE(EncodePacketHeader(PacketHeaderSize::k2, 65536));
  EXPECT_TRUE(EncodePacketHeader(PacketHeaderSize::k4, 0xffffffff));
  EXPECT_FALSE(EncodePacketHeader(PacketHeaderSize::k4, std::uint64_t{1} << 32));
}

TEST(PacketDecoderTest, SeveralPacketsInOneReadComeSeparately) {
  PacketDecoder decoder(PacketHeaderSize::k2);
  decoder.Feed(AsBytes("\0\2ab\0\0\0\1c"s));
  EXPECT_EQ(PopAll(decoder), (std::vector<std::string>{"ab", "", "c"}));
  EXPECT_TRUE(decoder.rest().empty());
}

TEST(PacketDecoderTest, PacketFedByteByByteComesWhole) {
  PacketDecoder decoder(PacketHeaderSize::k4);
  const std::string stream = "\0\0\0\3abc"s;
  for (std::size_t i = 0; i + 1 < stream.size(); ++i) {
    decoder.Feed(AsBytes(stream.substr(i, 1)));
    EXPECT_EQ(PopAll(decoder), std::vector<std::string>{}) << i;
  }
  decoder.Feed(AsBytes("c"));
  EXPECT_EQ(PopAll(decoder), std::vector<std::string>{"abc"});
}

TEST(PacketDecoderTest, ManyPacketsAcrossOddReadsComeInOrder) {
  std::string stream;
  std::vector<std::string> sent;
  for (int i = 0; i < 300; ++i) {
    sent.push_back(std::string(static_cast<std::size_t>(i * 7 % 256), static_cast<char>(i)));
    stream += Header(PacketHeaderSize::k1, sent.back().size()) + sent.back();
  }
  PacketDecoder decoder(PacketHeaderSize::k1);
  std::vector<std::string> got;
  for (std::size_t at = 0; at < stream.size(); at += 97) {
    decoder.Feed(AsBytes(std::string_view(stream).substr(at, 97)));
    for (std::string& packet : PopAll(decoder)) got.push_back(std::move(packet));
  }
  EXPECT_EQ(got, sent);
}

TEST(PacketDecoderTest, TruncatedPacketIsLeftAsRest) {
  PacketDecoder decoder(PacketHeaderSize::k2);
  decoder.Feed(AsBytes("\0\1x\0\5ab"s));
  EXPECT_EQ(PopAll(decoder), std::vector<std::string>{"x"});
  EXPECT_EQ(AsText(decoder.rest()), "\0\5ab"s);
}

TEST(PacketDecoderTest, LengthAboveTheMaximumIsAnErrorThatNamesIt) {
  PacketDecoder decoder(PacketHeaderSize::k4, 1000);
  decoder.Feed(AsBytes("\0\0\3\xe9"s));  // 1001
  const auto packet = decoder.Next();
  ASSERT_FALSE(packet);
  EXPECT_EQ(packet.error().Reason(), "einval");
  EXPECT_NE(packet.error().detail.find("1001"), std::string::npos) << packet.error().detail;
  decoder.Feed(AsBytes("\0\0\0\0"s));
  EXPECT_FALSE(decoder.Next()) << "the stream has lost its frames for good";
}

TEST(PacketDecoderTest, LengthOf2To31OrMoreIsAnErrorWhateverTheMaximum) {
  PacketDecoder decoder(PacketHeaderSize::k4, UINT64_MAX);
  decoder.Feed(AsBytes("\x80\0\0\0"s));
  const auto packet = decoder.Next();
  ASSERT_FALSE(packet);
  EXPECT_NE(packet.error().detail.find("2147483648"), std::string::npos);
}

TEST(PacketDecoderTest, LargestLengthJustWaits) {
  PacketDecoder decoder(PacketHeaderSize::k4);
  decoder.Feed(
      AsBytes("\x7f\xff\xff\xff"
              "ab"s));
  const auto packet = decoder.Next();
  ASSERT_TRUE(packet);
  EXPECT_FALSE(packet->has_value());
}

TEST(PacketDecoderTest, LengthOfExactlyTheMaximumComes) {
  PacketDecoder decoder(PacketHeaderSize::k1, 3);
  decoder.Feed(AsBytes("\3abc"s));
  EXPECT_EQ(PopAll(decoder), std::vector<std::string>{"abc"});
}

}  // namespace
}  // namespace portlab
