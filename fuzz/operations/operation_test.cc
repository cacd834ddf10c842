#include "fuzz/operations/operation.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace portlab {
namespace {

std::string RandomBytes(Random& random, std::size_t below) {
  std::string bytes(random.Below(below), '\0');
  for (char& c : bytes) c = static_cast<char>(random.Next());
  return bytes;
}

TEST(DecodeOperationsTest, RecordsAreReadOneAfterTheOther) {
  const std::string input("\x05\x01\x06\xa1\x0f\x00\x00hi\x07\x03\x00", 12);
  const std::vector<Operation> operations = DecodeOperations(AsBytes(input));
  ASSERT_EQ(operations.size(), 2u);
  EXPECT_EQ(operations[0].kind, OperationKind::kControl);
  EXPECT_EQ(operations[0].port, 1);
  EXPECT_EQ(operations[0].number, 0xfa1u);
  EXPECT_EQ(operations[0].bytes, "hi");
  EXPECT_EQ(operations[1].kind, OperationKind::kClose);
  EXPECT_EQ(operations[1].port, 3);
}

TEST(DecodeOperationsTest, EveryByteStringDecodesAndSettlesAfterOneEncoding) {
  Random random(7);
  for (int i = 0; i < 20'000; ++i) {
    const std::string input = RandomBytes(random, 80);
    const std::vector<Operation> operations = DecodeOperations(AsBytes(input));
    EXPECT_EQ(operations.empty(), input.empty());
    const std::string encoded = EncodeOperations(operations);
    ASSERT_EQ(DecodeOperations(AsBytes(encoded)), operations);
    ASSERT_EQ(EncodeOperations(DecodeOperations(AsBytes(encoded))), encoded);
  }
}

TEST(DecodeOperationsTest, JoinedInputsAreTheirOperationsJoined) {
  Random random(8);
  for (int i = 0; i < 2000; ++i) {
    std::vector<Operation> both = DecodeOperations(AsBytes(RandomBytes(random, 60)));
    const std::vector<Operation> second = DecodeOperations(AsBytes(RandomBytes(random, 60)));
    const std::string joined = EncodeOperations(both) + EncodeOperations(second);
    both.insert(both.end(), second.begin(), second.end());
    ASSERT_EQ(DecodeOperations(AsBytes(joined)), both);
  }
}

TEST(DecodeOperationsTest, LongPayloadHasATwoByteLength) {
  Operation operation;
  operation.kind = OperationKind::kCommand;
  for (const std::size_t size : {0u, 255u, 256u, 65535u}) {
    operation.bytes = std::string(size, 'x');
    const std::string encoded = EncodeOperations(std::span(&operation, 1));
    EXPECT_EQ(encoded.size(), 3 + (size > 255) + size);
    EXPECT_EQ(DecodeOperations(AsBytes(encoded)), std::vector<Operation>{operation});
  }
}

TEST(DecodeOperationsTest, AnInputHasABoundedNumberOfOperations) {
  const std::string input(3 * (kOperationsMax + 5), '\0');
  EXPECT_EQ(DecodeOperations(AsBytes(input)).size(), kOperationsMax);
}

TEST(EncodeOperationTest, WhatDoesNotFitIsNotWritten) {
  Operation operation;
  operation.kind = OperationKind::kCommand;
  operation.bytes = "four";
  std::uint8_t room[7];
  EXPECT_EQ(EncodeOperation(operation.view(), room, room + 6), nullptr);
  EXPECT_EQ(EncodeOperation(operation.view(), room, room + 7), room + 7);
}

}  // namespace
}  // namespace portlab
