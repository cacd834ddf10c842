#include "reports/portlab/trial_plan.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace portlab {
namespace {

namespace fs = std::filesystem;

// An installation of empty files that may be executed.
class TrialPlanTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "portlab-plan-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    top_ = name;
    installation_ = {name + "/bin", name + "/drivers", name + "/programs"};
    Make("bin/portlab-host-plain");
    Make("bin/portlab-spawn-server");
    for (const CatalogueEntry& entry : Catalogue()) {
      if (!entry.driver.empty()) Make("drivers/plain/" + entry.driver + ".so");
      if (!entry.program.empty()) Make("programs/" + entry.program);
    }
  }
  void TearDown() override { fs::remove_all(top_); }

  void Make(const std::string& file) {
    fs::create_directories((top_ / file).parent_path());
    std::ofstream(top_ / file) << "";
    fs::permissions(top_ / file, fs::perms::owner_all);
  }

  fs::path top_;
  Installation installation_;
};

TEST_F(TrialPlanTest, EveryEntryInEveryModeWithTheTriggerOnAndOff) {
  const auto plan = PlanTrials(installation_, {});
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->missing.empty());
  std::size_t modes = 0;
  for (const CatalogueEntry& entry : Catalogue()) {
    // A driver is tried in the plain and in the guarded host.
    if (HasMode(entry, IsolationMode::kInVm)) modes += 2;
    if (HasMode(entry, IsolationMode::kProgram)) modes += 1;
  }
  EXPECT_EQ(plan->requests.size(), modes * 2);
  EXPECT_TRUE(plan->requests[0].trigger);
  EXPECT_FALSE(plan->requests[1].trigger);
}

TEST_F(TrialPlanTest, AsanHostThatIsNotBuiltIsSaidAndNotMissing) {
  const auto plan = PlanTrials(installation_, {});
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->flavours.size(), 3u);
  EXPECT_TRUE(plan->flavours[0].built);
  EXPECT_TRUE(plan->flavours[1].built) << "guarded: it is the plain host";
  EXPECT_FALSE(plan->flavours[2].built);
  EXPECT_NE(plan->flavours[2].note.find("portlab-host-asan is missing"), std::string::npos);
}

TEST_F(TrialPlanTest, AsanHostThatWasAskedForIsMissing) {
  Selection selection;
  selection.flavour = Flavour::kAsan;
  const auto plan = PlanTrials(installation_, selection);
  ASSERT_TRUE(plan);
  ASSERT_FALSE(plan->missing.empty());
  EXPECT_EQ(plan->missing[0], installation_.bin + "/portlab-host-asan");
}

TEST_F(TrialPlanTest, DriverThatIsNotBuiltIsMissingOnce) {
  fs::remove(top_ / "drivers/plain/echo_drv.so");
  const auto plan = PlanTrials(installation_, {});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->missing, std::vector<std::string>{installation_.drivers + "/plain/echo_drv.so"});
}

TEST_F(TrialPlanTest, OneFaultInOneMode) {
  Selection selection;
  selection.fault = "abort";
  selection.mode = IsolationMode::kProgram;
  const auto plan = PlanTrials(installation_, selection);
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->requests.size(), 2u);
  EXPECT_EQ(plan->requests[0].entry->name, "abort");
  EXPECT_EQ(plan->requests[0].mode, IsolationMode::kProgram);
}

TEST_F(TrialPlanTest, GuardedHostTriesNoPrograms) {
  Selection selection;
  selection.fault = "abort";
  selection.flavour = Flavour::kGuarded;
  const auto plan = PlanTrials(installation_, selection);
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->requests.size(), 2u);
  EXPECT_EQ(plan->requests[0].mode, IsolationMode::kInVm);
  selection.mode = IsolationMode::kProgram;
  const auto nothing = PlanTrials(installation_, selection);
  ASSERT_FALSE(nothing);
  EXPECT_NE(nothing.error().detail.find("no such trial"), std::string::npos);
}

TEST_F(TrialPlanTest, MissingPlainHostIsMissingOnceAlthoughTwoFlavoursNeedIt) {
  fs::remove(top_ / "bin/portlab-host-plain");
  const auto plan = PlanTrials(installation_, {});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->missing, std::vector<std::string>{installation_.bin + "/portlab-host-plain"});
}

TEST_F(TrialPlanTest, UnknownFaultListsTheNames) {
  Selection selection;
  selection.fault = "nul_write";
  const auto plan = PlanTrials(installation_, selection);
  ASSERT_FALSE(plan);
  for (const CatalogueEntry& entry : Catalogue()) {
    EXPECT_NE(plan.error().detail.find(entry.name), std::string::npos) << entry.name;
  }
}

TEST(RecordOfTest, OutcomeIsHeldAgainstTheCatalogue) {
  TrialRequest request;
  request.entry = FindEntry("exit_zero");
  Outcome outcome;
  outcome.key = "host_down:exit:0";
  EXPECT_TRUE(RecordOf(request, outcome).met);
  outcome.key = "clean";
  EXPECT_FALSE(RecordOf(request, outcome).met);
  const TrialRecord failed = RecordOf(request, Fail(Error::General("no host")));
  EXPECT_FALSE(failed.met);
  EXPECT_FALSE(failed.outcome);
  EXPECT_NE(failed.error.find("no host"), std::string::npos);
}

}  // namespace
}  // namespace portlab
