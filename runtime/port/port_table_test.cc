// What the port table promises to one thread at a time.
#include "port/port_table.h"

#include <gtest/gtest.h>

#include <deque>
#include <new>
#include <stdexcept>

#include "port/port_churn.h"

namespace portlab {
namespace {

using Table = PortTable<ChurnPort>;

template <class T>
std::uint64_t OpenNumber(PortTable<T>& table) {
  const Result<PortId> id = table.Acquire([](T&, PortId) {});
  return id ? id->number : PortId::kNone;
}

class PortTableLimitTest
    : public testing::TestWithParam<std::tuple<std::uint32_t, LimitCounterKind>> {};

TEST_P(PortTableLimitTest, ExactlyTheLimitCanBeOpen) {
  const auto [limit, kind] = GetParam();
  Table table(limit, kind);
  for (std::uint32_t i = 0; i < limit; ++i) {
    ASSERT_EQ(table.count(), i);
    ASSERT_NE(OpenNumber(table), PortId::kNone);
  }
  EXPECT_EQ(table.count(), limit);
  EXPECT_EQ(table.limit(), limit);
  const Result<PortId> refused = table.Acquire([](ChurnPort&, PortId) { FAIL(); });
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().fixed_reason, "system_limit");
  EXPECT_EQ(table.count(), limit);
  EXPECT_TRUE(table.Release(table.List().front()));
  EXPECT_NE(OpenNumber(table), PortId::kNone);
  EXPECT_EQ(OpenNumber(table), PortId::kNone);
}

TEST_P(PortTableLimitTest, ChurnInOneThreadKeepsThePromises) {
  const auto [limit, kind] = GetParam();
  Table table(limit, kind);
  Ghost ghost(limit);
  ChurnWorker worker(table, ghost);
  Random random(limit);
  std::set<PortId> unique;
  for (int i = 0; i < 20'000; ++i) {
    worker.RandomStep(random);
    ASSERT_EQ(table.count(), worker.held());
  }
  for (const PortId id : worker.seen()) EXPECT_TRUE(unique.insert(id).second) << id.number;
  EXPECT_EQ(QuietTrouble(table, ghost), "");
  worker.CloseAll();
  EXPECT_EQ(QuietTrouble(table, ghost), "");
  for (const PortId id : worker.seen()) EXPECT_EQ(table.Find(id), nullptr);
}

INSTANTIATE_TEST_SUITE_P(Limits, PortTableLimitTest,
                         testing::Combine(testing::Values(1u, 2u, 7u, 8u, 9u, 1000u, 1024u),
                                          testing::Values(LimitCounterKind::kReserve,
                                                          LimitCounterKind::kOtp)));

TEST(PortTableTest, SlotsAreWhereOtpKeepsThem) {
  const Table table(1024);
  const std::pair<std::uint64_t, std::uint32_t> measured[] = {
      {5, 40},      {6, 48},   {127, 1016}, {128, 1},   {129, 9}, {255, 1017},
      {1023, 1023}, {1025, 8}, {1026, 16},  {1029, 40}, {10, 80}, {33, 264}};
  for (const auto& [number, slot] : measured) {
    EXPECT_EQ(table.SlotOf(PortId{number}), slot) << number;
  }
}

TEST(PortTableTest, NumbersFollowEachOtherAsMeasuredOnOtp) {
  Table table(1024);
  // As OTP boots: 1 and 2 are opened and closed, 0, 3 and 4 stay.
  for (std::uint64_t n = 0; n <= 2; ++n) ASSERT_EQ(OpenNumber(table), n);
  ASSERT_TRUE(table.Release(PortId{1}));
  ASSERT_TRUE(table.Release(PortId{2}));
  ASSERT_EQ(OpenNumber(table), 3u);
  ASSERT_EQ(OpenNumber(table), 4u);
  for (std::uint64_t n = 5; n <= 1023; ++n) {
    ASSERT_EQ(OpenNumber(table), n);
    ASSERT_TRUE(table.Release(PortId{n}));
  }
  // Those of the live ports are skipped.
  for (const std::uint64_t n : {1025, 1026, 1029, 1030}) ASSERT_EQ(OpenNumber(table), n);
}

TEST(PortTableTest, FullTableGivesTheSuccessorOfWhatWasClosed) {
  Table table(1024);
  for (std::uint64_t n = 0; n < 1024; ++n) ASSERT_EQ(OpenNumber(table), n);
  ASSERT_TRUE(table.Release(PortId{4}));
  ASSERT_EQ(OpenNumber(table), 1028u);
  ASSERT_TRUE(table.Release(PortId{1028}));
  EXPECT_EQ(OpenNumber(table), 2052u);
}

TEST(PortTableTest, FreedNumbersComeBackFirstInFirstOut) {
  Table table(16);
  for (std::uint64_t n = 0; n < 16; ++n) ASSERT_EQ(OpenNumber(table), n);
  for (const std::uint64_t n : {9, 2, 14, 0}) ASSERT_TRUE(table.Release(PortId{n}));
  for (const std::uint64_t n : {25, 18, 30, 16}) EXPECT_EQ(OpenNumber(table), n);
}

TEST(PortTableTest, ListIsInTheOrderOfSlots) {
  Table table(1024);
  for (std::uint64_t n = 0; n < 130; ++n) ASSERT_EQ(OpenNumber(table), n);
  for (std::uint64_t n = 0; n < 130; ++n) {
    const bool keep = n < 2 || n == 127 || n >= 128;
    ASSERT_TRUE(keep || table.Release(PortId{n}));
  }
  const std::vector<PortId> expected = {PortId{0}, PortId{128}, PortId{1}, PortId{129},
                                        PortId{127}};
  EXPECT_EQ(table.List(), expected);
  EXPECT_EQ(table.count(), expected.size());
}

TEST(PortTableTest, IdsThatAreNoPortsFindNothing) {
  Table table(8);
  ASSERT_EQ(OpenNumber(table), 0u);
  const std::uint64_t none[] = {
      1,          8,          1u << 31,      (1u << 31) | 1, kPortNumberMask,
      1ull << 28, 1ull << 32, PortId::kNone, ~0ull};
  for (const std::uint64_t number : none) {
    EXPECT_EQ(table.Find(PortId{number}), nullptr) << number;
    EXPECT_FALSE(table.Release(PortId{number})) << number;
  }
  EXPECT_EQ(table.count(), 1u);
  EXPECT_NE(table.Find(PortId{0}), nullptr);
}

TEST(PortTableTest, StaleIdNeverResolvesThoughItsElementIsReused) {
  Table table(1);
  ChurnPort* first_element = nullptr;
  std::vector<PortId> stale;
  for (int i = 0; i < 100; ++i) {
    const Result<PortId> id = table.Acquire([](ChurnPort& p, PortId n) { p.id = n.number; });
    ASSERT_TRUE(id.has_value());
    if (i == 0) first_element = table.Find(*id);
    ASSERT_EQ(table.Find(*id)->id, id->number);
    for (const PortId old : stale) ASSERT_EQ(table.Find(old), nullptr);
    ASSERT_TRUE(table.Release(*id));
    stale.push_back(*id);
  }
  // P10: the first port's element is still there, now another's.
  EXPECT_EQ(first_element->id, 96u);
}

TEST(PortNumberTest, WrapSkipsTheReservedNumber) {
  EXPECT_EQ(NextPortNumber(1028, 1024), 2052u);
  EXPECT_EQ(NextPortNumber(kPortNumberMask - 1023, 1024), 0u);
  EXPECT_EQ(NextPortNumber(kInvalidPortNumber - 1024, 1024), 1023u);
}

TEST(PortNumberTest, RingOfTheLargestTableHasOneNumberLess) {
  constexpr std::uint32_t kSize = 1u << 27;
  EXPECT_EQ(PortRingSize(kPortLimitMax), kSize);
  EXPECT_EQ(NextPortNumber(kSize - 1, kSize), kSize - 1);  // no successor: the ring leaves it out
  EXPECT_EQ(NextPortNumber(kSize - 2, kSize), 2 * kSize - 2);
}

TEST(PortNumberTest, RingIsTheNextPowerOfTwoFromEight) {
  EXPECT_EQ(PortRingSize(1), 8u);
  EXPECT_EQ(PortRingSize(8), 8u);
  EXPECT_EQ(PortRingSize(9), 16u);
  EXPECT_EQ(PortRingSize(1000), 1024u);
  EXPECT_EQ(PortRingSize(65536), 65536u);
}

TEST(SlotRingTest, AllNumbersComeInOrderForEverySize) {
  for (std::uint32_t size = 8; size <= 4096; size *= 2) {
    SlotRing<> ring(size);
    for (std::uint32_t turn = 0; turn < 3 * size; ++turn) {
      const std::uint32_t number = ring.Pop();
      ASSERT_EQ(number, turn) << size;
      ring.Push(NextPortNumber(number, size));
    }
  }
}

struct Scarce {
  static inline bool no_memory = false;
  Scarce() {
    if (no_memory) throw std::bad_alloc();
  }
};

TEST(PortTableTest, NoMemoryForAnElementIsEnomemAndTakesNoPlace) {
  PortTable<Scarce> table(2);
  Scarce::no_memory = true;
  for (int i = 0; i < 20; ++i) {
    const Result<PortId> id = table.Acquire([](Scarce&, PortId) { FAIL(); });
    ASSERT_FALSE(id.has_value());
    EXPECT_EQ(id.error().type, ErrorType::kErrno);
    EXPECT_EQ(id.error().error_number, ENOMEM);
    EXPECT_EQ(table.count(), 0u);
  }
  Scarce::no_memory = false;
  std::set<std::uint64_t> numbers;
  for (int i = 0; i < 2; ++i) numbers.insert(OpenNumber(table));
  EXPECT_EQ(numbers.size(), 2u);
  EXPECT_EQ(numbers.count(PortId::kNone), 0u);
}

TEST(PortTableTest, InitThatThrowsTakesNoPlace) {
  Table table(1);
  for (int i = 0; i < 20; ++i) {
    const Result<PortId> id = table.Acquire([](ChurnPort&, PortId) { throw std::bad_alloc(); });
    ASSERT_FALSE(id.has_value());
    EXPECT_EQ(id.error().error_number, ENOMEM);
    EXPECT_THROW((void)table.Acquire([](ChurnPort&, PortId) { throw std::runtime_error("x"); }),
                 std::runtime_error);
    EXPECT_EQ(table.count(), 0u);
    EXPECT_TRUE(table.List().empty());
  }
  EXPECT_NE(OpenNumber(table), PortId::kNone);
}

TEST(PortTableTest, PortIsNotFoundBeforeItsInitHasFinished) {
  Table table(1);
  const Result<PortId> id = table.Acquire([&](ChurnPort&, PortId id_in_init) {
    EXPECT_EQ(table.Find(id_in_init), nullptr);
    EXPECT_FALSE(table.Release(id_in_init));
    EXPECT_EQ(table.count(), 1u);
  });
  ASSERT_TRUE(id.has_value());
  EXPECT_NE(table.Find(*id), nullptr);
}

TEST(PortTableDeathTest, LimitOutOfRangeIsABugOfOurs) {
  EXPECT_DEATH(Table table(0), "port limit out of range");
  EXPECT_DEATH(Table table(kPortLimitMax + 1), "port limit out of range");
}

TEST(LimitCounterDeathTest, GivingBackWhatNobodyTookIsABugOfOurs) {
  ReserveCounter<> reserve(1);
  OtpCounter<> otp(1);
  EXPECT_DEATH(reserve.GiveBack(), "given back");
  EXPECT_DEATH(otp.GiveBack(), "given back");
}

}  // namespace
}  // namespace portlab
