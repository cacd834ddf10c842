#include "faulty_drivers/trial/signs_of_life.h"

#include <gtest/gtest.h>

namespace portlab {
namespace {

constexpr Nanos kPatience = 1'500 * kMillisecond;
constexpr std::int64_t kMiB = 1 << 20;

SignsOfLife::Look At(int milliseconds, std::int64_t mailbox_bytes = 0,
                     std::int64_t peak_bytes = 0) {
  return {milliseconds * kMillisecond, mailbox_bytes, peak_bytes, /*inside_callback=*/true};
}

TEST(SignsOfLifeTest, ACallbackOfWhichNothingComesPausesAndEnds) {
  SignsOfLife signs(At(0), kPatience);
  signs.Note(At(500));
  EXPECT_FALSE(signs.Paused());
  signs.Note(At(501));
  EXPECT_TRUE(signs.Paused());
  signs.Note(At(1'500));
  EXPECT_FALSE(signs.Ended());
  signs.Note(At(1'501));
  EXPECT_TRUE(signs.Ended());
}

TEST(SignsOfLifeTest, MessagesAreASign) {
  SignsOfLife signs(At(0), kPatience);
  signs.Note(At(1'400, 1));
  signs.Note(At(2'800, 1));
  EXPECT_TRUE(signs.Paused());
  EXPECT_FALSE(signs.Ended());
  signs.Note(At(2'901, 1));
  EXPECT_TRUE(signs.Ended());
}

TEST(SignsOfLifeTest, MemoryIsASignWhenItIsMoreThanNoise) {
  SignsOfLife noise(At(0, 0, kMiB), kPatience);
  for (int at = 100; at <= 1'600; at += 100) noise.Note(At(at, 0, kMiB + at));
  EXPECT_TRUE(noise.Ended());
  // Slowly, but it adds up.
  SignsOfLife slow(At(0, 0, kMiB), kPatience);
  for (int at = 100; at <= 10'000; at += 100) {
    slow.Note(At(at, 0, kMiB + at * 1024));
    ASSERT_FALSE(slow.Ended()) << at;
  }
}

TEST(SignsOfLifeTest, OutsideCallbacksNothingIsStuck) {
  SignsOfLife signs(At(0), kPatience);
  SignsOfLife::Look outside = At(5'000);
  outside.inside_callback = false;
  signs.Note(outside);
  signs.Note(At(5'400));
  EXPECT_FALSE(signs.Paused());
}

TEST(SignsOfLifeTest, AFloodMayWaitLongerForMemory) {
  SignsOfLife signs(At(0), kPatience);
  signs.Note(At(1'000, kMailboxMax + 1));
  signs.Note(At(6'000, kMailboxMax + 1));
  EXPECT_TRUE(signs.Paused());
  EXPECT_FALSE(signs.Ended());
  signs.Note(At(6'001, kMailboxMax + 1));
  EXPECT_TRUE(signs.Ended());
  SignsOfLife small(At(0), kPatience);
  small.Note(At(1'000, kMailboxMax));
  small.Note(At(2'501, kMailboxMax));
  EXPECT_TRUE(small.Ended());
}

}  // namespace
}  // namespace portlab
