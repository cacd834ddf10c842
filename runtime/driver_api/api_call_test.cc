#include "driver_api/api_call.h"

#include <erl_driver.h>
#include <gtest/gtest.h>

#include <cstring>

namespace portlab {
namespace {

TEST(ApiCallTest, EveryCallLeavesItsNumberInTheBlackBox) {
  BlackBox& box = BlackBox::Get();
  const std::uint64_t calls = box.api_calls();
  null_func();
  EXPECT_EQ(box.api_call.load(), static_cast<std::uint32_t>(ApiFunction::k_null_func));
  driver_free(nullptr);
  EXPECT_EQ(box.api_call.load(), static_cast<std::uint32_t>(ApiFunction::k_driver_free));
  EXPECT_EQ(box.api_calls(), calls + 2);
}

TEST(ApiCallTest, NumbersAreLinesOfTheExportedSymbols) {
  EXPECT_EQ(kApiFunctionNames.size(), 113u);  // "none", 111 functions and driver_term_nil
  EXPECT_STREQ(kApiFunctionNames[0], "none");
  EXPECT_STREQ(kApiFunctionNames[1], "add_driver_entry");
  EXPECT_EQ(static_cast<std::size_t>(ApiFunction::k_set_port_control_flags), 112u);
  EXPECT_STREQ(kApiFunctionNames[static_cast<std::size_t>(ApiFunction::k_driver_enq)],
               "driver_enq");
  for (std::size_t i = 2; i < kApiFunctionNames.size(); ++i) {
    EXPECT_LT(std::strcmp(kApiFunctionNames[i - 1], kApiFunctionNames[i]), 0)
        << kApiFunctionNames[i];
  }
}

}  // namespace
}  // namespace portlab
