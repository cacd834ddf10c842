// Campaigns around a host of the test's own making: a shell script that prints what libFuzzer and
// the sanitizers print, and dies as they do.
#include "fuzz/campaign/campaign.h"

#include <gmock/gmock.h>

#include <atomic>
#include <filesystem>

#include "fuzz/campaign/seed_corpus.h"

namespace portlab {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kBanner = R"(
echo 'portlab: driver /d.so at [0x7f00, 0x7fff)' >&2
echo 'INFO: Loaded 1 modules   (9 inline 8-bit counters): 9 [0x7f10, 0x7f19), ' >&2
echo 'INFO: seed corpus: files: 6 min: 2b' >&2
echo '#7	INITED cov: 4 ft: 9 corp: 6/12b exec/s: 0' >&2
)";
// $1: function; writes the artifact where it was asked for.
constexpr const char* kCrash = R"(
for word; do case $word in -artifact_prefix=*) printf x > "${word#*=}crash-1";; esac; done
echo 'stat::number_of_executed_units: 100' >&2
echo '==1==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x1' >&2
echo '    #0 0x1 in '$FUNCTION' at /src/d.c:5:1 (/d.so+0x1)' >&2
exit 77
)";
constexpr const char* kClean =
    "for word; do case $word in */input) echo \"Executed $word in 1 ms\" >&2;; esac; done\n"
    "echo 'stat::number_of_executed_units: 1000' >&2\necho 'Done 1000 runs' >&2\nexit 0\n";

class CampaignTest : public testing::Test {
 protected:
  CampaignTest() {
    options_.target.host = scratch_.path() + "/host";
    options_.target.file = "/d.so";
    options_.out = scratch_.path() + "/out";
    options_.execs = 1000;
    options_.seconds = 0;
  }
  void Host(const std::string& body) {
    const std::string path = options_.target.host;
    ASSERT_TRUE(WriteFileWhole(path, "#!/bin/sh\n" + body).has_value());
    fs::permissions(path, fs::perms::owner_all);
  }
  // Dies in `function` as long as the file "broken" is there.
  void HostThatDiesIn(const std::string& function) {
    ASSERT_TRUE(WriteFileWhole(scratch_.path() + "/broken", "").has_value());
    Host(std::string(kBanner) + "FUNCTION=" + function + "\nif [ -e " + scratch_.path() +
         "/broken ]; then\n" + kCrash + "fi\n" + kClean);
  }
  Result<CampaignResult> Run() {
    return RunCampaign(options_, {[this](const std::string& line) { log_ += line + "\n"; },
                                  [](const std::string&) {}, [this] { return stopped_.load(); }});
  }

  ScratchFolder scratch_ = std::move(*ScratchFolder::Make());
  CampaignOptions options_;
  std::string log_;
  std::atomic<bool> stopped_{false};
};

TEST_F(CampaignTest, HostThatFindsNothingGivesACleanRun) {
  Host(std::string(kBanner) + kClean);
  const auto result = Run();
  ASSERT_TRUE(result.has_value()) << result.error().detail;
  EXPECT_THAT(result->findings, IsEmpty());
  EXPECT_EQ(result->figures.executed, 1000u);
  EXPECT_EQ(ExitStatusOf(*result), kFuzzClean);
  for (const char* name : {"findings.json", "findings.md", "findings.sarif", "stats.jsonl"}) {
    EXPECT_TRUE(fs::exists(options_.out + "/" + name)) << name;
  }
}

TEST_F(CampaignTest, SameDeathIsOneFindingAndTheCampaignGoesOn) {
  HostThatDiesIn("store");
  const auto result = Run();
  ASSERT_TRUE(result.has_value()) << result.error().detail;
  ASSERT_THAT(result->findings, SizeIs(1));
  const Finding& finding = result->findings[0];
  EXPECT_EQ(finding.bucket.frames, std::vector<std::string>{"store"});
  EXPECT_EQ(finding.times_seen, 10u);
  EXPECT_EQ(result->figures.runs, 10u);
  EXPECT_EQ(finding.reproduced, 3);
  EXPECT_EQ(ExitStatusOf(*result), kFuzzFound);
  EXPECT_EQ(ReadFile(options_.out + "/findings/" + finding.id + "/original").value_or(""), "x");
}

// The first run has an empty list, the second what the first has found; who repeats the input gives
// none.
TEST_F(CampaignTest, HostOfAProgramIsToldWhatIsKnownAndGoesOn) {
  options_.target.kind = TargetKind::kProgram;
  Host(std::string(kBanner) + R"(
for word; do case $word in
  --known=*) known=${word#*=};;
  -artifact_prefix=*) printf x > "${word#*=}crash-1";;
esac; done
if [ -s "$known" ]; then
  while read -r id; do echo "portlab: known: $id"; echo "portlab: known: $id"; done < "$known" >&2
  echo 'stat::number_of_executed_units: 900' >&2
  echo 'Done 900 runs' >&2
  exit 0
fi
echo 'stat::number_of_executed_units: 100' >&2
echo 'portlab: answered: nothing' >&2
echo 'portlab: PROGRAM: signal-8: the program was killed' >&2
exit 77
)");
  const auto result = Run();
  ASSERT_TRUE(result.has_value()) << result.error().detail;
  ASSERT_THAT(result->findings, SizeIs(1));
  EXPECT_EQ(result->figures.runs, 2u);
  EXPECT_EQ(result->findings[0].times_seen, 3u);
  EXPECT_EQ(result->figures.repeats, 2u);
}

TEST_F(CampaignTest, LaterCampaignTellsKnownFromFixed) {
  HostThatDiesIn("store");
  options_.execs = 100;
  ASSERT_THAT(Run()->findings, SizeIs(1));
  const auto again = Run();
  ASSERT_TRUE(again.has_value());
  ASSERT_THAT(again->findings, SizeIs(1));
  EXPECT_EQ(again->findings[0].status, FindingStatus::kKnown);
  fs::remove(scratch_.path() + "/broken");
  const auto fixed = Run();
  ASSERT_THAT(fixed->findings, SizeIs(1));
  EXPECT_EQ(fixed->findings[0].status, FindingStatus::kFixed);
  EXPECT_EQ(ExitStatusOf(*fixed), kFuzzClean);
}

TEST_F(CampaignTest, FindingsEndItWhenThereAreEnough) {
  HostThatDiesIn("store");
  options_.max_findings = 1;
  options_.execs = 1'000'000;
  const auto result = Run();
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->figures.runs, 1u);
  EXPECT_EQ(result->end, "enough was found");
}

TEST_F(CampaignTest, SeveralJobsShareTheBudgetAndTheFindings) {
  HostThatDiesIn("store");
  options_.jobs = 3;
  const auto result = Run();
  ASSERT_TRUE(result.has_value()) << result.error().detail;
  EXPECT_THAT(result->findings, SizeIs(1));
  EXPECT_GE(result->figures.executed, 300u);
  EXPECT_LE(result->figures.executed, 1300u);
}

TEST_F(CampaignTest, DriverThatDiesOfEveryInputEndsIt) {
  Host("FUNCTION=start\n" + std::string(kCrash));
  options_.execs = 1'000'000;
  const auto result = Run();
  ASSERT_TRUE(result.has_value());
  EXPECT_THAT(result->end, HasSubstr("fails before anything can be fuzzed"));
  EXPECT_EQ(result->figures.runs, 10u);
}

TEST_F(CampaignTest, HostThatRefusesIsTroubleInItsOwnWords) {
  Host("echo 'portlab: the driver does not load: bad_driver_name' >&2\nexit 2\n");
  const auto result = Run();
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().detail, "portlab: the driver does not load: bad_driver_name");
}

TEST_F(CampaignTest, HostThatIsNotThereIsNamed) {
  const auto result = Run();
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().detail, HasSubstr("/host cannot be started"));
}

TEST_F(CampaignTest, StopEndsAHostThatHangsAndWritesTheReports) {
  Host(std::string(kBanner) + "touch " + scratch_.path() + "/began\nexec sleep 1000\n");
  const std::string began = scratch_.path() + "/began";
  const auto result = RunCampaign(options_, {[](const std::string&) {}, [](const std::string&) {},
                                             [&began] { return fs::exists(began); }});
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(ExitStatusOf(*result), kFuzzInterrupted);
  EXPECT_TRUE(fs::exists(options_.out + "/findings.json"));
}

TEST_F(CampaignTest, DeathWithoutAWordIsAFinding) {
  Host(std::string(kBanner) + "kill -SEGV $$\n");
  options_.max_findings = 1;
  options_.execs = 10;
  const auto result = Run();
  ASSERT_TRUE(result.has_value());
  ASSERT_THAT(result->findings, SizeIs(1));
  EXPECT_EQ(result->findings[0].bucket.kind, "signal-11");
}

TEST_F(CampaignTest, EmptyCorpusBeginsWithSixSequences) {
  const std::string corpus = scratch_.path() + "/corpus";
  fs::create_directory(corpus);
  EXPECT_EQ(PrepareCorpus(options_.target, corpus, {}).value_or(0), 6u);
  EXPECT_EQ(PrepareCorpus(options_.target, corpus, {}).value_or(0), 6u);
}

TEST_F(CampaignTest, SeedsAreCopiedAndAnUnreadableFolderIsNamed) {
  Host(std::string(kBanner) + kClean);
  const std::string seeds = scratch_.path() + "/seeds";
  fs::create_directory(seeds);
  ASSERT_TRUE(WriteFileWhole(seeds + "/one", "seed").has_value());
  options_.seed_folders = {seeds};
  ASSERT_TRUE(Run().has_value());
  EXPECT_THAT(FilesIn(options_.out + "/corpus").value(), SizeIs(1));
  EXPECT_TRUE(TakeOutOfCorpus(options_.out + "/corpus", "seed"));
  EXPECT_FALSE(TakeOutOfCorpus(options_.out + "/corpus", "seed"));
  EXPECT_EQ(ReadFile(seeds + "/one").value_or(""), "seed");
  options_.seed_folders = {scratch_.path() + "/none"};
  const auto result = Run();
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().detail, HasSubstr("/none: No such file"));
}

}  // namespace
}  // namespace portlab
