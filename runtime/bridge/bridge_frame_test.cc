#include "bridge/bridge_frame.h"

#include <gtest/gtest.h>

#include "term/external_decoder.h"
#include "term/external_encoder.h"
#include "term/parse.h"

namespace portlab {
namespace {

const NodeIdentity kNode{"client@test", 3, "portlab@test", 7};

Result<BridgeFrame> Decode(const Term& term) {
  return DecodeBridgeFrame(AsBytes(EncodeExternal(term, kNode)), kNode);
}
Term Read(std::string_view text) { return *ParseTerm(text); }

TEST(BridgeFrameTest, RequestsCarryClientNumberAndBytes) {
  const auto frame = Decode(Read("{request,<0.17.2>,-5,<<\"what\">>}"));
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->kind, BridgeFrame::Kind::kRequest);
  EXPECT_EQ(frame->client.number, (std::uint64_t{2} << 28) | 17);
  EXPECT_EQ(frame->id, -5);
  EXPECT_EQ(frame->body, "what");
}

TEST(BridgeFrameTest, TheOtherKinds) {
  const auto mirror = Decode(Read("{mirror,<0.17.0>}"));
  ASSERT_TRUE(mirror.has_value());
  EXPECT_EQ(mirror->kind, BridgeFrame::Kind::kMirror);
  const auto down = Decode(Read("{down,<0.17.0>,<<\"why\">>}"));
  ASSERT_TRUE(down.has_value());
  EXPECT_EQ(down->kind, BridgeFrame::Kind::kDown);
  EXPECT_EQ(down->body, "why");
  const auto identity = Decode(Read("{identity,'other@test',4294967295}"));
  ASSERT_TRUE(identity.has_value());
  EXPECT_EQ(identity->kind, BridgeFrame::Kind::kIdentity);
  EXPECT_EQ(identity->body, "other@test");
  EXPECT_EQ(identity->creation, 4294967295u);
  const auto stop = Decode(Read("stop"));
  ASSERT_TRUE(stop.has_value());
  EXPECT_EQ(stop->kind, BridgeFrame::Kind::kStop);
}

TEST(BridgeFrameTest, EverythingElseIsRefused) {
  for (const char* text :
       {"start", "[]", "{}", "{stop}", "{request}", "{request,<0.1.0>,1}",
        "{request,client,1,<<>>}", "{request,<0.1.0>,one,<<>>}",
        "{request,<0.1.0>,123456789012345678901234567890,<<>>}", "{request,<0.1.0>,1,bytes}",
        "{request,<0.1.0>,1,<<>>,more}", "{mirror,1}", "{mirror,<0.1.0>,more}", "{down,<0.1.0>}",
        "{down,<0.1.0>,reason}", "{identity,<<\"name\">>,1}", "{identity,name,-1}",
        "{identity,name,4294967296}"}) {
    const auto frame = Decode(Read(text));
    ASSERT_FALSE(frame.has_value()) << text;
    EXPECT_EQ(frame.error().Reason(), "badarg");
    EXPECT_NE(frame.error().detail.find("no frame"), std::string::npos) << frame.error().detail;
  }
}

TEST(BridgeFrameTest, BytesThatAreNoTermAreRefused) {
  const std::string whole = EncodeExternal(Read("{request,<0.1.0>,1,<<\"bytes\">>}"), kNode);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(DecodeBridgeFrame(AsBytes(whole.substr(0, size)), kNode).has_value()) << size;
  }
  const auto longer = DecodeBridgeFrame(AsBytes(whole + "!"), kNode);
  ASSERT_FALSE(longer.has_value());
  EXPECT_EQ(longer.error().detail, "1 bytes after the term of a frame");
}

// Pids are the node's; ports, and references made here, are those of a node of their own.
TEST(BridgeFrameTest, IdentitiesSurviveTheRoundTrip) {
  const Term node_reference = Term::OfReferenceWords({1, 2, 0x80000000, 0, 0});
  const Term message = Term::Tuple({Term::Of(Pid{5}), Term::Of(PortId{6}),
                                    Term::Of(RefId{(std::uint64_t{9} << 40) | 3}), node_reference});
  const std::string frame = MessageFrame(Pid{17}, message, kNode);
  DecodeLimits limits;
  limits.node = kNode;
  const auto decoded = DecodeExternal(AsBytes(frame), limits);
  ASSERT_TRUE(decoded.has_value()) << decoded.error().detail;
  EXPECT_EQ(decoded->tuple()[2], message);

  const auto count = [&frame](std::string_view name) {
    int found = 0;
    for (std::size_t at = 0; (at = frame.find(name, at)) != std::string::npos; ++at) ++found;
    return found;
  };
  EXPECT_EQ(count("portlab@test"), 2);  // the port, and our reference
  EXPECT_EQ(count("client@test"), 3);   // two pids, and the node's reference
}

TEST(BridgeFrameTest, APortOfAnEarlierHostIsRefused) {
  NodeIdentity before = kNode;
  before.ports_creation = 6;
  DecodeLimits limits;
  limits.node = kNode;
  EXPECT_FALSE(
      DecodeExternal(AsBytes(EncodeExternal(Term::Of(PortId{6}), before)), limits).has_value());
  // A pid that claims to be the ports' node's, and a port the processes'.
  NodeIdentity swapped{"portlab@test", 7, "client@test", 3};
  EXPECT_FALSE(
      DecodeExternal(AsBytes(EncodeExternal(Term::Of(PortId{6}), swapped)), limits).has_value());
  EXPECT_FALSE(
      DecodeExternal(AsBytes(EncodeExternal(Term::Of(Pid{6}), swapped)), limits).has_value());
}

}  // namespace
}  // namespace portlab
