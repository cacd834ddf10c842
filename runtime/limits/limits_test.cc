#include "limits/limits.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace portlab {
namespace {

TEST(ParsePortLimitTest, AcceptedValuesRoundUpAsOtpDoes) {
  const std::pair<const char*, std::uint32_t> measured[] = {
      {"1024", 1024},    {"1025", 2048},         {"2000", 2048},          {"16384", 16384},
      {"65536", 65536},  {"70000", 131072},      {"1000000", 1048576},    {"134217727", 134217727},
      {"legacy", 65536}, {"1024abc", 1024},      {" 2048", 2048},         {"+2048", 2048},
      {"2048.5", 2048},  {"67108864", 67108864}, {"67108865", 134217727},
  };
  for (const auto& [text, limit] : measured) {
    const Result<std::uint32_t> parsed = ParsePortLimit(text);
    ASSERT_TRUE(parsed.has_value()) << text;
    EXPECT_EQ(*parsed, limit) << text;
  }
}

TEST(ParsePortLimitTest, OtherValuesAreBadNumberOfPorts) {
  for (const char* text : {"0", "1", "1023", "134217728", "-5", "abc", "", "0x800", "1e4", "Legacy",
                           "-1024", "4294968320", "99999999999999999999", "18446744073709552640"}) {
    const Result<std::uint32_t> parsed = ParsePortLimit(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().type, ErrorType::kBadArg);
    EXPECT_EQ(parsed.error().fixed_reason, "badarg");
    EXPECT_EQ(parsed.error().detail.rfind("bad number of ports " + std::string(text), 0), 0u);
  }
}

TEST(ParsePortLimitTest, TextNeedNotBeTerminated) {
  EXPECT_EQ(*ParsePortLimit(std::string_view("20480", 4)), 2048u);
}

TEST(EffectivePortLimitTest, OptionWinsOverVariable) {
  EXPECT_EQ(EffectivePortLimit(2048, "70000"), 2048u);
}

TEST(EffectivePortLimitTest, VariableIsClampedAndRoundedUp) {
  const std::pair<const char*, std::uint32_t> measured[] = {
      {"100", 1024}, {"1500", 2048}, {"70000", 131072},        {"abc", 1024},
      {"0", 1024},   {"-5", 1024},   {"200000000", 134217727}, {"2000x", 2048},
  };
  for (const auto& [text, limit] : measured) {
    EXPECT_EQ(EffectivePortLimit(std::nullopt, text), limit) << text;
  }
}

TEST(EffectivePortLimitTest, NothingGivenIsTheDefault) {
  EXPECT_EQ(EffectivePortLimit(std::nullopt, nullptr), kPortLimitDefault);
}

TEST(LimitsTest, DefaultsAreValidAndUnlimitedWhereOtpIs) {
  const Result<Limits> limits = Validate(Limits{});
  ASSERT_TRUE(limits.has_value());
  EXPECT_EQ(limits->port_limit, 65536u);
  EXPECT_EQ(limits->unread_output_bytes_max, 0u);
  EXPECT_EQ(limits->callback_watchdog_ms, 0u);
  EXPECT_EQ(limits->message_queue_busy_low_bytes, 4096u);
  EXPECT_EQ(limits->message_queue_busy_high_bytes, 8192u);
}

TEST(LimitsTest, LimitBelowTheRangeOfPlusQIsValid) {
  Limits limits;
  limits.port_limit = 1;
  EXPECT_TRUE(Validate(limits).has_value());
}

TEST(LimitsTest, FieldOutOfRangeIsNamed) {
  const auto refused = [](auto set) {
    Limits limits;
    set(limits);
    const Result<Limits> result = Validate(limits);
    if (result) return std::string("accepted");
    EXPECT_EQ(result.error().type, ErrorType::kBadOpt);
    return result.error().detail.substr(0, result.error().detail.find(' '));
  };
  EXPECT_EQ(refused([](Limits& l) { l.port_limit = 0; }), "port_limit");
  EXPECT_EQ(refused([](Limits& l) { l.port_limit = kPortLimitMax + 1; }), "port_limit");
  EXPECT_EQ(refused([](Limits& l) { l.async_threads = 0; }), "async_threads");
  EXPECT_EQ(refused([](Limits& l) { l.async_threads = 1025; }), "async_threads");
  EXPECT_EQ(refused([](Limits& l) { l.scheduler_threads = 1025; }), "scheduler_threads");
  EXPECT_EQ(refused([](Limits& l) { l.message_queue_busy_low_bytes = 0; }),
            "message_queue_busy_low_bytes");
  EXPECT_EQ(refused([](Limits& l) { l.message_queue_busy_high_bytes = 4095; }),
            "message_queue_busy_low_bytes");
  EXPECT_EQ(refused([](Limits& l) { l.driver_queue_busy_low_bytes = 8193; }),
            "driver_queue_busy_low_bytes");
}

}  // namespace
}  // namespace portlab
