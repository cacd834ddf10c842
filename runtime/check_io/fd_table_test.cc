#include "check_io/fd_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace portlab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr PortId kA{3};
constexpr PortId kB{4};
constexpr int kFd = 9;

class FdTableTest : public testing::Test {
 protected:
  SelectResult On(PortId port, int mode) {
    SelectResult result;
    table_.On(port, kFd, mode, result);
    return result;
  }
  SelectResult Off(PortId port, int mode) {
    SelectResult result;
    table_.Off(port, kFd, mode, result);
    return result;
  }
  std::uint64_t SerialOf(FdTable::Side side) { return table_.Find(kFd)->sides[side].serial; }

  FdTable table_;
};

TEST_F(FdTableTest, OnSelectsTheSidesAsked) {
  On(kA, kSelectRead | kSelectUse);
  ASSERT_NE(table_.Find(kFd), nullptr);
  EXPECT_TRUE(table_.Find(kFd)->waits(FdTable::kRead));
  EXPECT_FALSE(table_.Find(kFd)->waits(FdTable::kWrite));
  EXPECT_EQ(table_.selected_fds(), 1u);
}

TEST_F(FdTableTest, OffWithUseOfTheLastUserCallsStopSelect) {
  On(kA, kSelectRead | kSelectWrite | kSelectUse);
  EXPECT_TRUE(Off(kA, kSelectUse).call_stop_select);
  EXPECT_EQ(table_.Find(kFd), nullptr);
  EXPECT_EQ(table_.selected_fds(), 0u);
}

TEST_F(FdTableTest, OffWithNoCallbackDoesNotCallStopSelect) {
  On(kA, kSelectRead | kSelectUse);
  EXPECT_FALSE(Off(kA, kSelectUse | kSelectNoCallback).call_stop_select);
  EXPECT_EQ(table_.Find(kFd), nullptr);
  EXPECT_FALSE(Off(kA, kSelectUse | kSelectNoCallback).call_stop_select);
}

TEST_F(FdTableTest, OffWithUseOfAnUnknownFdCallsStopSelectAtOnce) {
  EXPECT_TRUE(Off(kA, kSelectRead | kSelectUse).call_stop_select);
  EXPECT_FALSE(Off(kA, kSelectRead).call_stop_select);
}

TEST_F(FdTableTest, OffWithoutUseKeepsTheFdForLater) {
  On(kA, kSelectRead | kSelectUse);
  EXPECT_FALSE(Off(kA, kSelectRead).call_stop_select);
  ASSERT_NE(table_.Find(kFd), nullptr);
  EXPECT_FALSE(table_.Find(kFd)->selected());
  EXPECT_EQ(table_.selected_fds(), 0u);
  EXPECT_TRUE(Off(kA, kSelectUse).call_stop_select);
}

TEST_F(FdTableTest, StopSelectWaitsForTheLastOfTwoUsers) {
  On(kA, kSelectRead | kSelectUse);
  On(kB, kSelectWrite | kSelectUse);
  EXPECT_FALSE(Off(kA, kSelectUse).call_stop_select);
  EXPECT_TRUE(table_.Find(kFd)->waits(FdTable::kWrite));
  EXPECT_TRUE(Off(kB, kSelectUse).call_stop_select);
}

TEST_F(FdTableTest, OffDoesNotTouchWhatAnotherPortSelected) {
  On(kA, kSelectRead);
  Off(kB, kSelectRead);
  EXPECT_EQ(table_.Find(kFd)->sides[FdTable::kRead].owner, kA);
}

TEST_F(FdTableTest, OnForAnotherPortsSideStealsItWithAWarning) {
  On(kA, kSelectRead | kSelectUse);
  const std::uint64_t serial = SerialOf(FdTable::kRead);
  const SelectResult stolen = On(kB, kSelectRead);
  EXPECT_THAT(stolen.warning, HasSubstr("stealing control of fd=9 from #Port<0.3>"));
  EXPECT_EQ(stolen.lost_port, kA);
  EXPECT_EQ(stolen.status, 0);
  EXPECT_EQ(table_.FindCurrent(kA, kFd, FdTable::kRead, serial), nullptr);
  EXPECT_EQ(table_.Find(kFd)->sides[FdTable::kRead].owner, kB);
  EXPECT_EQ(table_.selected_fds(), 1u);
}

TEST_F(FdTableTest, TheThiefInheritsTheUse) {
  On(kA, kSelectRead | kSelectUse);
  On(kB, kSelectRead);
  EXPECT_FALSE(Off(kA, kSelectUse).call_stop_select);
  EXPECT_TRUE(Off(kB, kSelectUse).call_stop_select);
}

TEST_F(FdTableTest, SelectingAgainKeepsTheSerialAndIsNoTheft) {
  On(kA, kSelectRead | kSelectUse);
  const std::uint64_t serial = SerialOf(FdTable::kRead);
  const SelectResult again = On(kA, kSelectRead | kSelectUse);
  EXPECT_EQ(again.warning, "");
  EXPECT_FALSE(again.lost_port);
  EXPECT_EQ(SerialOf(FdTable::kRead), serial);
}

TEST_F(FdTableTest, EverySelectionHasASerialOfItsOwn) {
  On(kA, kSelectRead | kSelectUse);
  const std::uint64_t first = SerialOf(FdTable::kRead);
  Off(kA, kSelectUse);
  On(kA, kSelectRead | kSelectUse);
  EXPECT_NE(SerialOf(FdTable::kRead), first);
  EXPECT_EQ(table_.FindCurrent(kA, kFd, FdTable::kRead, first), nullptr);
}

TEST_F(FdTableTest, DropEventsKeepsTheUse) {
  On(kA, kSelectRead | kSelectUse);
  table_.DropEvents(kFd);
  ASSERT_NE(table_.Find(kFd), nullptr);
  EXPECT_FALSE(table_.Find(kFd)->selected());
  EXPECT_TRUE(Off(kA, kSelectUse).call_stop_select);
}

TEST_F(FdTableTest, ReleaseAllGivesTheFdsThatWereStillUsed) {
  SelectResult result;
  table_.On(kA, 1, kSelectRead | kSelectUse, result);
  table_.On(kA, 2, kSelectRead, result);
  table_.On(kA, 3, kSelectUse, result);
  table_.On(kA, 4, kSelectRead | kSelectUse, result);
  table_.On(kB, 4, kSelectWrite | kSelectUse, result);
  std::vector<int> touched;
  EXPECT_THAT(table_.ReleaseAll(kA, touched), ElementsAre(1, 3));
  EXPECT_THAT(touched, ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(table_.Find(1), nullptr);
  EXPECT_EQ(table_.Find(2), nullptr);
  ASSERT_NE(table_.Find(4), nullptr);
  EXPECT_FALSE(table_.Find(4)->Mentions(kA));
  EXPECT_EQ(table_.selected_fds(), 1u);
  EXPECT_THAT(table_.ReleaseAll(kA, touched), IsEmpty());
}

TEST_F(FdTableTest, ModeWithoutAnyBitLeavesNothingBehind) {
  On(kA, 0);
  EXPECT_EQ(table_.Find(kFd), nullptr);
}

}  // namespace
}  // namespace portlab
