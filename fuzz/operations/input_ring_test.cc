#include "fuzz/operations/input_ring.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace portlab {
namespace {

class InputRingTest : public testing::Test {
 protected:
  ~InputRingTest() override { std::filesystem::remove(path_); }
  const std::string path_ = testing::TempDir() + "input_ring_test_" +
                            testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(InputRingTest, KeepsTheLastInputsForWhoeverMapsIt) {
  const auto parent = InputRing::Make(path_, 100);
  ASSERT_TRUE(parent) << parent.error().ToString();
  EXPECT_TRUE(parent->Inputs().empty());
  {
    auto host = InputRing::Open(path_);
    ASSERT_TRUE(host) << host.error().ToString();
    for (std::size_t i = 0; i < InputRing::kInputs + 3; ++i) {
      host->Add(AsBytes(std::string(i, 'x') + "|"));
    }
  }
  const std::vector<std::string> inputs = parent->Inputs();
  ASSERT_EQ(inputs.size(), InputRing::kInputs);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    EXPECT_EQ(inputs[i], std::string(i + 3, 'x') + "|");
  }
}

TEST_F(InputRingTest, WhatDoesNotFitIsCutAndTouchesNoOther) {
  auto ring = InputRing::Make(path_, 8);
  ASSERT_TRUE(ring) << ring.error().ToString();
  ring->Add(AsBytes("one"));
  ring->Add(AsBytes(std::string(50, 'y')));
  ring->Add(AsBytes(""));
  EXPECT_EQ(ring->Inputs(), (std::vector<std::string>{"one", "yyyyyyyy", ""}));
}

TEST_F(InputRingTest, FileThatIsNoneIsRefused) {
  EXPECT_FALSE(InputRing::Open(path_)) << "there is no file yet";
  std::ofstream(path_) << "short";
  const auto ring = InputRing::Open(path_);
  ASSERT_FALSE(ring);
  EXPECT_NE(ring.error().detail.find("too short"), std::string::npos) << ring.error().detail;
}

}  // namespace
}  // namespace portlab
