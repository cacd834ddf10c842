#include "portlab/error.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace portlab {
namespace {

TEST(ErrnoNameTest, KnownNumbersGiveOtpsNames) {
  EXPECT_STREQ(ErrnoName(EPERM), "eperm");
  EXPECT_STREQ(ErrnoName(ENOENT), "enoent");
  EXPECT_STREQ(ErrnoName(E2BIG), "e2big");
  EXPECT_STREQ(ErrnoName(EMFILE), "emfile");
  EXPECT_STREQ(ErrnoName(EPIPE), "epipe");
  EXPECT_STREQ(ErrnoName(ENOTSOCK), "enotsock");
  EXPECT_STREQ(ErrnoName(EDQUOT), "edquot");
}

TEST(ErrnoNameTest, NumbersWithTwoNamesGiveTheOneOtpPrefers) {
  EXPECT_STREQ(ErrnoName(EAGAIN), "eagain");
  EXPECT_STREQ(ErrnoName(EDEADLOCK), "edeadlk");
  EXPECT_STREQ(ErrnoName(EOPNOTSUPP), "enotsup");
}

TEST(ErrnoNameTest, NumbersOtpDoesNotMapGiveUnknown) {
  for (int number : {0, -1, 41, 58, 85, 86, 120, 123, 124, 125, 133, 100000}) {
    EXPECT_STREQ(ErrnoName(number), "unknown") << number;
  }
}

TEST(ErrnoNameTest, EveryOtherNumberUpTo122HasAName) {
  for (int number = 1; number <= 122; ++number) {
    if (number == 41 || number == 58 || number == 85 || number == 86 || number == 120) continue;
    EXPECT_EQ(ErrnoName(number)[0], 'e') << number;
  }
}

TEST(ErrorTest, EachTypeGivesItsReason) {
  EXPECT_EQ(Error::General().Reason(), "einval");
  EXPECT_EQ(Error::Errno(ENOTTY).Reason(), "enotty");
  EXPECT_EQ(Error::BadArg().Reason(), "badarg");
  EXPECT_EQ(Error::BadOpt().Reason(), "badarg");
  EXPECT_EQ(Error::SystemLimit().Reason(), "system_limit");
  EXPECT_EQ(Error::NotSup().Reason(), "notsup");
}

TEST(ErrorTest, BadOptStaysApartFromBadArg) {
  EXPECT_EQ(Error::BadArg().type, ErrorType::kBadArg);
  EXPECT_EQ(Error::BadOpt().type, ErrorType::kBadOpt);
}

TEST(ErrorTest, TextIsReasonThenDetail) {
  EXPECT_EQ(Error::Errno(ENOENT, "/no/such/file").ToString(), "enoent: /no/such/file");
  EXPECT_EQ(Error::General().ToString(), "einval");
}

TEST(ErrorTest, UnnamedErrnoTextKeepsTheNumber) {
  EXPECT_EQ(Error::Errno(125, "x").ToString(), "unknown: x (errno 125)");
}

TEST(ResultTest, FailGivesAResultWithoutValue) {
  Result<int> result = Fail(Error::SystemLimit("table full"));
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().detail, "table full");
}

}  // namespace
}  // namespace portlab
