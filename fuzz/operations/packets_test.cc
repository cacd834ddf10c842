#include "fuzz/operations/packets.h"

#include <gmock/gmock.h>

#include "fuzz/operations/text.h"

namespace portlab {
namespace {

std::string Framed(const PacketFraming& framing, std::string_view packet) {
  std::string stream;
  AppendFramed(framing, AsBytes(packet), stream);
  return stream;
}

PacketStep StepOf(const std::string& text) {
  const auto operations = ParseOperations(text);
  EXPECT_TRUE(operations && operations->size() == 1) << text;
  return PacketStepOf(operations->front().view());
}

TEST(PacketsTest, FramesAreThoseOfThePort) {
  EXPECT_EQ(Framed({1, 0}, "ab"), std::string("\x02", 1) + "ab");
  EXPECT_EQ(Framed({2, 0}, "ab"), std::string("\x00\x02", 2) + "ab");
  EXPECT_EQ(Framed({4, 0}, ""), std::string(4, '\0'));
  EXPECT_EQ(Framed({0, 0}, "ab"), "ab");
  EXPECT_EQ(Framed({0, 9}, "ab"), "ab\n");
  EXPECT_EQ(Framed({0, 9}, "ab\n"), "ab\n");
}

TEST(PacketsTest, ByteOfLengthCutsWhatIsLonger) {
  const std::string framed = Framed({1, 0}, std::string(300, 'x'));
  EXPECT_EQ(framed.size(), 256u);
  EXPECT_EQ(framed[0], '\xff');
}

TEST(PacketsTest, FlagsGoBothWaysAndOthersAreNone) {
  for (const PacketFraming framing : {PacketFraming{1, 0}, PacketFraming{2, 0}, PacketFraming{4, 0},
                                      PacketFraming{0, 80}, PacketFraming{0, 0}}) {
    EXPECT_EQ(FramingFromFlag(FramingFlag(framing)), framing) << FramingFlag(framing);
  }
  for (const char* flag : {"--packet=3", "--packet=", "--line=0", "--line=x", "--lines", "4"}) {
    EXPECT_EQ(FramingFromFlag(flag), std::nullopt) << flag;
  }
}

TEST(PacketsTest, ProgramHearsCommandsAndTheEndOfItsPort) {
  for (const char* text :
       {"command p0 \"x\"", "command_list p0 \"x\"", "pieces p0 1 \"x\"", "send p0 \"x\""}) {
    EXPECT_EQ(StepOf(text), PacketStep::kPacket) << text;
  }
  EXPECT_EQ(StepOf("open p0 \"\""), PacketStep::kOpen);
  EXPECT_EQ(StepOf("close p0"), PacketStep::kClose);
  EXPECT_EQ(StepOf("command p1 \"x\""), PacketStep::kNothing);
  EXPECT_EQ(StepOf("control p0 1 \"x\""), PacketStep::kNothing);
  EXPECT_EQ(StepOf("advance 5"), PacketStep::kNothing);
}

TEST(PacketsTest, LongSequenceKeepsAllOfItsPackets) {
  std::vector<Operation> packets(500);
  for (Operation& packet : packets) packet.kind = OperationKind::kCommand;
  const std::string input = EncodeOperations(packets);
  EXPECT_EQ(DecodeOperations(AsBytes(input), kPacketsMax), packets);
  EXPECT_EQ(ParseOperations(PrintOperations(packets), kPacketsMax).value(), packets);
  EXPECT_FALSE(ParseOperations(PrintOperations(packets)).has_value());
}

}  // namespace
}  // namespace portlab
