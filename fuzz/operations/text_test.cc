#include "fuzz/operations/text.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace portlab {
namespace {

Operation Make(OperationKind kind, std::uint8_t port, std::uint32_t number, std::string bytes) {
  Operation operation;
  operation.kind = kind;
  operation.port = port;
  operation.number = number;
  operation.bytes = std::move(bytes);
  return operation;
}

TEST(PrintOperationTest, LinesReadAsTheyAreDocumented) {
  EXPECT_EQ(PrintOperation(Make(OperationKind::kOpen, 0, kOpenBinary | kOpenEof, "x y")),
            R"(open p0 binary eof "x y")");
  EXPECT_EQ(PrintOperation(Make(OperationKind::kControl, 1, 0xfa1, std::string("\0\"\\\xff", 4))),
            R"(control p1 0xfa1 "\x00\"\\\xff")");
  EXPECT_EQ(PrintOperation(Make(OperationKind::kPieces, 3, 15, "z")), R"(pieces p3 16 "z")");
  EXPECT_EQ(PrintOperation(Make(OperationKind::kAdvance, 0, 250, "")), "advance 250");
  EXPECT_EQ(PrintOperation(Make(OperationKind::kFailAlloc, 1, 2, "")), "fail_alloc p1 3");
  EXPECT_EQ(PrintOperation(Make(OperationKind::kClose, 2, 0, "")), "close p2");
}

TEST(ParseOperationsTest, WhateverIsPrintedIsReadBack) {
  Random random(9);
  for (int i = 0; i < 20'000; ++i) {
    std::string input(random.Below(90), '\0');
    for (char& c : input) c = static_cast<char>(random.Next());
    const std::vector<Operation> operations = DecodeOperations(AsBytes(input));
    const Result<std::vector<Operation>> back = ParseOperations(PrintOperations(operations));
    ASSERT_TRUE(back) << back.error().ToString() << "\n" << PrintOperations(operations);
    ASSERT_EQ(*back, operations);
  }
}

TEST(ParseOperationsTest, CommentsAndEmptyLinesAreLeftOut) {
  const auto operations = ParseOperations("# two\n\n  open p0 \"#\"  # a port\r\n\nclose p0\n");
  ASSERT_TRUE(operations) << operations.error().ToString();
  ASSERT_EQ(operations->size(), 2u);
  EXPECT_EQ((*operations)[0].bytes, "#");
}

TEST(ParseOperationsTest, WhatIsWrongIsNamedWithItsLine) {
  const std::pair<const char*, const char*> wrong[] = {
      {"open p0 \"\"\nopne p0 \"\"\n", "line 2: 'opne'"},
      {"close p4\n", "line 1: a port"},
      {"close\n", "line 1: a port"},
      {"advance soon\n", "line 1: a number from 0 to 65535"},
      {"advance 65536\n", "line 1: a number"},
      {"pieces p0 0 \"x\"\n", "line 1: a number from 1 to 256"},
      {"pieces p0 257 \"x\"\n", "line 1: a number"},
      {"fail_alloc p0 0\n", "line 1: a number from 1 to 256"},
      {"fail_alloc 1\n", "line 1: a port"},
      {"control p0 0x1ffffffff \"x\"\n", "line 1: a number"},
      {"command p0 \"no end\n", "line 1: a string"},
      {"command p0 \"\\q\"\n", "line 1: a string"},
      {"command p0 \"\\xg0\"\n", "line 1: a string"},
      {"close p0 now\n", "line 1: the operation is whole"},
  };
  for (const auto& [text, named] : wrong) {
    const auto operations = ParseOperations(text);
    ASSERT_FALSE(operations) << text;
    EXPECT_NE(operations.error().detail.find(named), std::string::npos)
        << operations.error().detail;
  }
}

}  // namespace
}  // namespace portlab
