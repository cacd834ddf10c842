#include "driver_api/environment.h"

#include <erl_driver.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/black_box.h"

namespace portlab {
namespace {

int Put(const char* key, const std::string& value) {
  std::string copy = value;
  return erl_drv_putenv(key, copy.data());
}

TEST(EnvironmentTest, FoundValueComesWithItsLength) {
  ASSERT_EQ(Put("PORTLAB_TEN", "0123456789"), 0);
  char value[11];
  std::size_t size = sizeof(value);
  EXPECT_EQ(erl_drv_getenv("PORTLAB_TEN", value, &size), 0);
  EXPECT_EQ(size, 10u);
  EXPECT_STREQ(value, "0123456789");
}

TEST(EnvironmentTest, TooSmallASizeIsPositiveAndOneLessAsOnOtp) {
  ASSERT_EQ(Put("PORTLAB_TEN", "0123456789"), 0);
  for (const std::size_t passed : {1u, 4u, 10u}) {
    char value[16] = "untouched";
    std::size_t size = passed;
    EXPECT_GT(erl_drv_getenv("PORTLAB_TEN", value, &size), 0) << passed;
    EXPECT_EQ(size, passed - 1);
    EXPECT_STREQ(value, "untouched");
  }
  std::size_t size = 0;
  char value = 'x';
  EXPECT_GT(erl_drv_getenv("PORTLAB_TEN", &value, &size), 0);
  EXPECT_EQ(size, SIZE_MAX);
}

TEST(EnvironmentTest, MissingIsNegative) {
  char value[50];
  std::size_t size = sizeof(value);
  EXPECT_LT(erl_drv_getenv("PORTLAB_NO_SUCH_KEY", value, &size), 0);
  EXPECT_EQ(size, 49u);
}

TEST(EnvironmentTest, EmptyValueIsFound) {
  ASSERT_EQ(Put("PORTLAB_EMPTY", ""), 0);
  char value[1] = {'x'};
  std::size_t size = 1;
  EXPECT_EQ(erl_drv_getenv("PORTLAB_EMPTY", value, &size), 0);
  EXPECT_EQ(size, 0u);
  EXPECT_EQ(value[0], '\0');
}

TEST(EnvironmentTest, StartsAsTheHostsAndLeavesThatAlone) {
  ASSERT_NE(std::getenv("PATH"), nullptr);
  const std::string host_path = std::getenv("PATH");
  EXPECT_EQ(Environment::Get().Find("PATH"), host_path);
  ASSERT_EQ(Put("PATH", "/elsewhere"), 0);
  EXPECT_EQ(Environment::Get().Find("PATH"), "/elsewhere");
  EXPECT_EQ(std::getenv("PATH"), host_path);
  Environment::Get().Put("PATH", host_path);
}

TEST(EnvironmentTest, ContentsAreWhatAProgramIsStartedWith) {
  Environment::Get().Put("PORTLAB_KEY", "a=b");
  std::vector<std::string> contents = Environment::Get().Contents();
  EXPECT_NE(std::find(contents.begin(), contents.end(), "PORTLAB_KEY=a=b"), contents.end());
  Environment::Get().Unset("PORTLAB_KEY");
  contents = Environment::Get().Contents();
  EXPECT_EQ(std::find(contents.begin(), contents.end(), "PORTLAB_KEY=a=b"), contents.end());
}

TEST(EnvironmentDeathTest, NullStopsTheHost) {
  const auto stopped = testing::ExitedWithCode(kExitContract);
  EXPECT_EXIT(erl_drv_putenv(nullptr, nullptr), stopped, "erl_drv_putenv: .*NULL");
  EXPECT_EXIT(erl_drv_getenv("PATH", nullptr, nullptr), stopped, "erl_drv_getenv: .*NULL");
}

}  // namespace
}  // namespace portlab
