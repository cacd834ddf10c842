#include "reports/portlab/trial_log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace portlab {
namespace {

namespace fs = std::filesystem;

class TrialLogTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "portlab-log-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    top_ = name;
    folder_.emplace(std::move(*OutputFolder::Open(name)));
  }
  void TearDown() override { fs::remove_all(top_); }

  Result<TrialLog> Open(int version, bool resume) {
    return TrialLog::Open(*folder_, {{"version", version}}, resume);
  }
  static TrialRecord Named(const std::string& entry) {
    TrialRecord trial;
    trial.entry = entry;
    trial.outcome = Outcome{};
    return trial;
  }
  fs::path File() const { return top_ / "trials.partial.jsonl"; }

  fs::path top_;
  std::optional<OutputFolder> folder_;
};

TEST_F(TrialLogTest, ResumedRunFindsWhatWasFinished) {
  {
    auto log = Open(1, false);
    ASSERT_TRUE(log && log->Append(Named("a")) && log->Append(Named("b")));
  }
  const auto log = Open(1, true);
  ASSERT_TRUE(log);
  EXPECT_EQ(log->taken_over(), 2u);
  EXPECT_NE(log->Find(Named("b")), nullptr);
  EXPECT_EQ(log->Find(Named("c")), nullptr);
  TrialRecord other = Named("b");
  other.trigger = false;
  EXPECT_EQ(log->Find(other), nullptr);
}

TEST_F(TrialLogTest, WithoutResumeItBeginsAnew) {
  {
    auto log = Open(1, false);
    ASSERT_TRUE(log && log->Append(Named("a")));
  }
  const auto log = Open(1, false);
  ASSERT_TRUE(log);
  EXPECT_EQ(log->taken_over(), 0u);
  EXPECT_FALSE(log->began_anew());
}

TEST_F(TrialLogTest, OtherSettingsBeginAnew) {
  {
    auto log = Open(1, false);
    ASSERT_TRUE(log && log->Append(Named("a")));
  }
  const auto log = Open(2, true);
  ASSERT_TRUE(log);
  EXPECT_EQ(log->taken_over(), 0u);
  EXPECT_TRUE(log->began_anew());
}

TEST_F(TrialLogTest, LineThatWasCutOffIsDoneAgain) {
  {
    auto log = Open(1, false);
    ASSERT_TRUE(log && log->Append(Named("a")) && log->Append(Named("b")));
  }
  fs::resize_file(File(), fs::file_size(File()) - 5);
  {
    auto log = Open(1, true);
    ASSERT_TRUE(log);
    EXPECT_EQ(log->taken_over(), 1u);
    ASSERT_TRUE(log->Append(Named("c")));
  }
  const auto log = Open(1, true);
  ASSERT_TRUE(log);
  EXPECT_NE(log->Find(Named("a")), nullptr);
  EXPECT_EQ(log->Find(Named("b")), nullptr);
  EXPECT_NE(log->Find(Named("c")), nullptr);
}

TEST_F(TrialLogTest, TwoRunsCannotShareAFolder) {
  const auto first = Open(1, false);
  ASSERT_TRUE(first);
  const auto second = Open(1, true);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().detail.find("another run"), std::string::npos);
}

TEST_F(TrialLogTest, InterruptedRunRemovesOnlyWhatItMade) {
  {
    auto log = Open(1, false);
    ASSERT_TRUE(log && log->Append(Named("a")));
  }
  auto resumed = Open(1, true);
  ASSERT_TRUE(resumed);
  resumed->RemoveIfOurs();
  EXPECT_TRUE(fs::exists(File()));
  resumed->Remove();
  EXPECT_FALSE(fs::exists(File()));
}

}  // namespace
}  // namespace portlab
