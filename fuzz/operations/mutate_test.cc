#include "fuzz/operations/mutate.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <set>

#include "fuzz/operations/operation.h"

namespace portlab {
namespace {

constexpr std::array kKinds = {OperationKind::kOpen, OperationKind::kControl,
                               OperationKind::kClose};

std::size_t FlipFirst(std::uint8_t* data, std::size_t size, std::size_t room) {
  if (room == 0) return 0;
  data[0] ^= 1;
  return std::max<std::size_t>(size, 1);
}

std::string Seed() {
  std::vector<Operation> operations(3);
  operations[1].kind = OperationKind::kControl;
  operations[1].number = 7;
  operations[1].bytes = "payload";
  operations[2].kind = OperationKind::kClose;
  return EncodeOperations(operations);
}

std::string Mutate(const std::string& input, std::uint64_t seed, std::size_t room = 256) {
  std::string data = input;
  data.resize(room);
  auto* bytes = reinterpret_cast<std::uint8_t*>(data.data());
  data.resize(MutateOperations(bytes, input.size(), room, seed, {FlipFirst, kKinds}));
  return data;
}

TEST(MutateOperationsTest, EqualSeedsGiveEqualInputs) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    EXPECT_EQ(Mutate(Seed(), seed), Mutate(Seed(), seed));
  }
}

TEST(MutateOperationsTest, EveryKindOfChangeComesAndNothingIsWrittenBeyondTheRoom) {
  bool grew = false;
  bool shrank = false;
  bool number_changed = false;
  bool bytes_changed = false;
  bool port_changed = false;
  std::set<std::string> different;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    const std::string mutated = Mutate(Seed(), seed);
    different.insert(mutated);
    const std::vector<Operation> operations = DecodeOperations(AsBytes(mutated));
    grew |= operations.size() > 3;
    shrank |= operations.size() < 3;
    for (const Operation& operation : operations) {
      if (operation.kind != OperationKind::kControl) continue;
      number_changed |= operation.number != 7 && operation.number != 6;
      bytes_changed |= operation.bytes == "qayload";
      port_changed |= operation.port != 0;
    }
  }
  EXPECT_TRUE(grew && shrank && number_changed && bytes_changed && port_changed);
  EXPECT_GT(different.size(), 50u);
}

TEST(MutateOperationsTest, TheRoomIsKept) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    EXPECT_LE(Mutate(Seed(), seed, Seed().size()).size(), Seed().size());
  }
}

TEST(MutateOperationsTest, ALongSequenceWithoutBytesIsMutated) {
  std::vector<Operation> operations(kOperationsMax);
  for (Operation& operation : operations) operation.kind = OperationKind::kClose;
  const std::string input = EncodeOperations(operations);
  std::set<std::string> different;
  for (std::uint64_t seed = 0; seed < 500; ++seed) different.insert(Mutate(input, seed));
  EXPECT_GT(different.size(), 3u);
}

TEST(MutateOperationsTest, EmptyInputBecomesOne) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) EXPECT_FALSE(Mutate("", seed).empty());
}

TEST(CrossOperationsTest, OperationsStayWholeAndInOrder) {
  std::vector<Operation> a(6);
  std::vector<Operation> b(6);
  for (std::size_t i = 0; i < a.size(); ++i) {
    a[i].bytes = "a" + std::to_string(i);
    b[i].bytes = "b" + std::to_string(i);
  }
  bool mixed = false;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    std::array<std::uint8_t, 512> out;
    const std::size_t size = CrossOperations(
        AsBytes(EncodeOperations(a)), AsBytes(EncodeOperations(b)), out.data(), out.size(), seed);
    const std::vector<Operation> crossed = DecodeOperations(Bytes(out.data(), size));
    ASSERT_EQ(crossed.size(), a.size() + b.size());
    std::array<std::size_t, 2> next = {0, 0};
    for (const Operation& operation : crossed) {
      const std::size_t which = operation.bytes[0] == 'a' ? 0 : 1;
      EXPECT_EQ(operation, (which == 0 ? a : b)[next[which]++]);
    }
    mixed |= crossed[0].bytes[0] != crossed[5].bytes[0];
  }
  EXPECT_TRUE(mixed);
}

TEST(CrossOperationsTest, LongInputsEnd) {
  const std::string full(3 * 2 * kOperationsMax, '\0');
  std::array<std::uint8_t, 1024> out;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_GT(CrossOperations(AsBytes(full), AsBytes(full), out.data(), out.size(), seed), 0u);
  }
}

}  // namespace
}  // namespace portlab
