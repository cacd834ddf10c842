#include "fuzz/campaign/minimise.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "fuzz/operations/text.h"

namespace portlab {
namespace {

std::string Input(const std::string& text) {
  const auto operations = ParseOperations(text);
  EXPECT_TRUE(operations.has_value());
  return operations ? EncodeOperations(*operations) : "";
}

std::string Text(const std::string& input) {
  return PrintOperations(DecodeOperations(AsBytes(input)));
}

// Fails when the text of the operations has all of these parts.
class Oracle {
 public:
  explicit Oracle(std::vector<std::string> parts) : parts_(std::move(parts)) {}
  std::optional<std::size_t> operator()(const std::vector<std::string>& candidates) {
    ++questions_;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const std::string text = Text(candidates[i]);
      bool all = true;
      for (const std::string& part : parts_) all = all && text.find(part) != std::string::npos;
      if (all) return i;
    }
    return std::nullopt;
  }
  FailsAsWanted AsFunction() {
    return [this](const std::vector<std::string>& candidates) { return (*this)(candidates); };
  }
  int questions() const { return questions_; }

 private:
  std::vector<std::string> parts_;
  int questions_ = 0;
};

constexpr const char* kLong =
    "open p0 \"\"\ncontrol p0 0x1 \"aaaa\"\nopen p1 \"\"\ncommand p1 \"noise\"\nadvance 7\n"
    "control p0 0x2 \"xxxxKEYyyyyyyyy\"\nclose p1\nclose p0\n";

TEST(MinimiseTest, OnlyWhatTheFaultNeedsIsLeft) {
  Oracle oracle({"open p0", "control p0 0x2", "KEY"});
  const std::string smallest = MinimiseInput(Input(kLong), oracle.AsFunction());
  EXPECT_EQ(Text(smallest), "open p0 \"\"\ncontrol p0 0x2 \"KEY\"\n");
  EXPECT_LT(oracle.questions(), 60);
}

TEST(MinimiseTest, InputThatFailsOnlyAsAWholeStays) {
  const std::string input = Input(kLong);
  const auto only_this =
      [&](const std::vector<std::string>& candidates) -> std::optional<std::size_t> {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (candidates[i] == input) return i;
    }
    return std::nullopt;
  };
  EXPECT_EQ(MinimiseInput(input, only_this), input);
}

TEST(MinimiseTest, OracleThatHadEnoughEndsIt) {
  int questions = 0;
  const auto tired = [&](const std::vector<std::string>&) -> std::optional<std::size_t> {
    ++questions;
    return std::nullopt;
  };
  const std::string input = Input(kLong);
  EXPECT_EQ(MinimiseInput(input, tired), input);
  EXPECT_LT(questions, 200);
}

TEST(MinimiseTest, LongPayloadAsksInBatches) {
  std::size_t largest = 0;
  Oracle oracle({"KEY"});
  const std::string payload = std::string(2000, 'a') + "KEY" + std::string(1500, 'b');
  const std::string input = Input("command p0 \"" + payload + "\"\n");
  const auto counted = [&](const std::vector<std::string>& candidates) {
    largest = std::max(largest, candidates.size());
    return oracle(candidates);
  };
  const std::string smallest = MinimiseInput(input, counted);
  EXPECT_LE(largest, 64u);
  EXPECT_LT(smallest.size(), 20u);
}

TEST(MinimiseTest, NothingNeededGivesNothing) {
  Oracle oracle({});
  EXPECT_EQ(MinimiseInput(Input(kLong), oracle.AsFunction()), "");
}

TEST(MinimiseTest, OnlyTheInputsThatAreNeededStayInTheirOrder) {
  std::vector<std::string> before;
  for (int i = 0; i < 64; ++i) before.push_back(std::to_string(i));
  int questions = 0;
  const auto fails = [&](const std::vector<std::string>& candidate) {
    ++questions;
    const auto first = std::ranges::find(candidate, "7");
    return first != candidate.end() && std::find(first, candidate.end(), "50") != candidate.end();
  };
  EXPECT_THAT(MinimiseHistory(before, fails), testing::ElementsAre("7", "50"));
  EXPECT_LT(questions, 60);
  const auto never = [](const std::vector<std::string>&) { return false; };
  EXPECT_EQ(MinimiseHistory(before, never), before);
}

}  // namespace
}  // namespace portlab
