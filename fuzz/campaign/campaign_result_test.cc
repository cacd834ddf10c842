#include "fuzz/campaign/campaign_result.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "fuzz/campaign/coverage_run.h"
#include "fuzz/campaign/libfuzzer_log.h"
#include "fuzz/campaign/reports.h"
#include "fuzz/campaign/stability_run.h"

namespace portlab {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

CampaignResult Useful() {
  CampaignResult result;
  result.target.file = "/src/my_drv.so";
  result.figures.executed = 1000;
  result.figures.replayed = 10;
  result.figures.driver_counters = 90;
  result.functions = {{"control", "my_drv.c:3", 7, 9}};
  result.end = "the time is up";
  return result;
}

Finding With(FindingStatus status) {
  Finding finding;
  finding.id = "double-free-1234abcd";
  finding.bucket.kind = "double-free";
  finding.tool = "asan";
  finding.sentence = "attempting <double-free> \x01 & \"more\"";
  finding.stack.push_back({"drop", "/src/my_drv.c", 12, "/src/my_drv.so", 1});
  finding.status = status;
  finding.reproduced = finding.tries = 3;
  return finding;
}

TEST(ExitStatusTest, CleanNeedsUsefulWork) {
  EXPECT_EQ(ExitStatusOf(Useful()), kFuzzClean);
  CampaignResult replay_only = Useful();
  replay_only.figures.replayed = 1000;
  EXPECT_EQ(ExitStatusOf(replay_only), kFuzzNoWork);
  CampaignResult uncounted = Useful();
  uncounted.figures.driver_counters = 0;
  EXPECT_EQ(ExitStatusOf(uncounted), kFuzzNoWork);
  uncounted.target.guarded = true;
  EXPECT_EQ(ExitStatusOf(uncounted), kFuzzClean);
  CampaignResult unreached = Useful();
  unreached.functions[0].covered = 0;
  EXPECT_EQ(ExitStatusOf(unreached), kFuzzNoWork);
  EXPECT_THAT(NoWorkReason(unreached), HasSubstr("--start-args"));
}

TEST(ExitStatusTest, FindingsFailAsTheModeSays) {
  CampaignResult result = Useful();
  result.findings = {With(FindingStatus::kFixed)};
  EXPECT_EQ(ExitStatusOf(result), kFuzzClean);
  result.findings = {With(FindingStatus::kKnown)};
  EXPECT_EQ(ExitStatusOf(result), kFuzzFound);
  result.only_new = true;
  EXPECT_EQ(ExitStatusOf(result), kFuzzClean);
  result.findings.push_back(With(FindingStatus::kNew));
  EXPECT_EQ(ExitStatusOf(result), kFuzzFound);
  result.interrupted = true;
  EXPECT_EQ(ExitStatusOf(result), kFuzzInterrupted);
}

TEST(ExitStatusTest, ProgramWithoutFeedbackNeedsNoCounters) {
  CampaignResult result = Useful();
  result.target.kind = TargetKind::kProgram;
  result.figures.driver_counters = 0;
  result.functions.clear();
  EXPECT_EQ(ExitStatusOf(result), kFuzzClean);
  EXPECT_THAT(FindingsAsMarkdown(ResultToJson(result), "out"), HasSubstr("no feedback"));
  result.target.kind = TargetKind::kLibrary;
  EXPECT_THAT(NoWorkReason(result), HasSubstr("no counter lies in the program"));
}

TEST(ReportsTest, SarifDeclaresRulesAlsoWithoutFindings) {
  const json sarif = json::parse(FindingsAsSarif(ResultToJson(Useful()), "./portlab-fuzz/my_drv"));
  const json& run = sarif.at("runs").at(0);
  EXPECT_GT(run.at("tool").at("driver").at("rules").size(), 10u);
  EXPECT_TRUE(run.at("results").empty());
  EXPECT_EQ(run.at("automationDetails").at("id"), "portlab/my_drv.so/");
}

TEST(ReportsTest, SarifResultHasFingerprintPlaceAndCommand) {
  CampaignResult result = Useful();
  result.findings = {With(FindingStatus::kNew), With(FindingStatus::kFixed)};
  const json sarif = json::parse(FindingsAsSarif(ResultToJson(result), "out"));
  const json& results = sarif.at("runs").at(0).at("results");
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].at("ruleId"), "asan/double-free");
  EXPECT_EQ(results[0].at("partialFingerprints").at("portlabBucket/v1"), "double-free-1234abcd");
  const json& place = results[0].at("locations").at(0).at("physicalLocation");
  EXPECT_EQ(place.at("region").at("startLine"), 12);
  EXPECT_EQ(place.at("artifactLocation").at("uri"), "src/my_drv.c");
  EXPECT_THAT(results[0].at("message").at("text").get<std::string>(),
              HasSubstr("portlab repro double-free-1234abcd --out out"));
}

TEST(ReportsTest, JUnitEscapesAndCounts) {
  CampaignResult result = Useful();
  result.findings = {With(FindingStatus::kNew)};
  const std::string xml = FindingsAsJUnit(ResultToJson(result), "out");
  EXPECT_THAT(xml, HasSubstr("tests=\"2\" failures=\"1\" errors=\"0\""));
  EXPECT_THAT(xml, HasSubstr("attempting &lt;double-free&gt; ? &amp; &quot;more&quot;"));
  EXPECT_THAT(xml, Not(HasSubstr("\x01")));
}

TEST(ReportsTest, MarkdownHasTheCommandAndWhatIsMissing) {
  CampaignResult result = Useful();
  result.findings = {With(FindingStatus::kNew)};
  result.figures.driver_counters = 0;
  const std::string text = FindingsAsMarkdown(ResultToJson(result), "./portlab-fuzz/my_drv");
  EXPECT_THAT(text, HasSubstr("`portlab repro double-free-1234abcd`"));
  EXPECT_THAT(text, HasSubstr("This run says nothing"));
}

TEST(LibFuzzerLogTest, FiguresAreReadInAnyPieces) {
  const std::string text =
      "portlab: driver /d.so at [0x7f00, 0x7fff)\nINFO: Loaded 2 modules   (278 inline 8-bit "
      "counters): 65 [0x10, 0x51), 213 [0x7f10, 0x7fe5), \n"
      "INFO: seed corpus: files: 6 min: 2b max: 4b total: 9b rss: 36Mb\n"
      "#7\tINITED cov: 44 ft: 209 corp: 6/125b exec/s: 0 rss: 46Mb\n"
      "#512\tNEW    cov: 46 ft: 215 corp: 9/125b lim: 4 exec/s: 512 rss: 46Mb L: 1/4 MS: 1 X-\n"
      "stat::number_of_executed_units: 600\nstat::new_units_added:          3\nDone 600 runs\n";
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, text.size()}) {
    LibFuzzerLog log;
    for (std::size_t at = 0; at < text.size(); at += piece) log.Add(text.substr(at, piece));
    EXPECT_EQ(log.executed(), 600u);
    EXPECT_EQ(log.seeds(), 6u);
    EXPECT_EQ(log.edges(), 46u);
    EXPECT_EQ(log.features(), 215u);
    EXPECT_EQ(log.corpus(), 9u);
    EXPECT_EQ(log.new_units(), 3u);
    EXPECT_EQ(log.driver_counters(), 213u);
    EXPECT_TRUE(log.began());
    EXPECT_TRUE(log.finished());
  }
}

TEST(LibFuzzerLogTest, EndlessLineIsBounded) {
  LibFuzzerLog log;
  for (int i = 0; i < 200; ++i) log.Add(std::string(16 * 1024, 'x'));
  EXPECT_LE(log.tail().size(), 512u * 1024);
  EXPECT_EQ(log.executed(), 0u);
}

TEST(LibFuzzerLogTest, WithoutCountersThereAreFeaturesOnly) {
  LibFuzzerLog log;
  log.Add("#7\tINITED ft: 9 corp: 6/125b exec/s: 0 rss: 46Mb\n");
  EXPECT_EQ(log.features(), 9u);
  EXPECT_EQ(log.corpus(), 6u);
  EXPECT_EQ(log.edges(), 0u);
  EXPECT_TRUE(log.began());
}

TEST(CoverageTest, FunctionsOfTheDriverAreRead) {
  const auto functions = ParseCoverage(
      "COVERED_FUNC: hits: 3 edges: 16/32 start /src/my_drv.c:40\n"
      "UNCOVERED_FUNC: hits: 0 edges: 0/4 LLVMFuzzerInitialize /p/x_fuzz.cc:60\n"
      "  UNCOVERED_PC: /src/my_drv.c:42\nUNCOVERED_FUNC: hits: 0 edges: 0/7 stop "
      "/src/my_drv.c:9\n");
  ASSERT_EQ(functions.size(), 2u);
  EXPECT_EQ(functions[0].name, "start");
  EXPECT_EQ(functions[0].source, "my_drv.c:40");
  EXPECT_EQ(functions[0].covered, 16);
  EXPECT_EQ(functions[1].edges, 7);
}

constexpr const char* kSurvey =
    "portlab: HAS open\nportlab: HAS control\nINFO: a word\n"
    "portlab: REACHED open in: gone\nportlab: REACHED control in: open, timer\n"
    "portlab: REACHED control in: open\nportlab: REACHED nonsense in: open\n";

OperationReach Named(const std::vector<OperationReach>& all, const std::string& name) {
  const auto found = std::ranges::find(all, name, &OperationReach::operation);
  return found == all.end() ? OperationReach() : *found;
}

TEST(CoverageTest, OperationsAndTheirSituationsAreRead) {
  const auto all = ParseReached(kSurvey);
  const OperationReach control = Named(all, "control");
  EXPECT_TRUE(control.has_callback);
  EXPECT_THAT(control.reached, testing::ElementsAre("open", "open, timer"));
  EXPECT_TRUE(ReachedIn(control, "timer") && ReachedIn(control, "open"));
  EXPECT_FALSE(ReachedIn(control, "queue"));
  EXPECT_FALSE(Named(all, "call").has_callback);
  EXPECT_THAT(ParseReached("INFO: Seed: 1\n"), testing::IsEmpty());
}

TEST(CoverageTest, ReportsSayWhichOperationNeverMetWhichSituation) {
  CampaignResult result = Useful();
  result.operations = ParseReached(kSurvey);
  const json findings = ResultToJson(result);
  for (const json& operation : findings.at("operations")) {
    if (operation.at("operation") != "control") continue;
    EXPECT_EQ(operation.at("never"), json::array({"gone", "busy", "queue", "closing"}));
  }
  const std::string text = FindingsAsMarkdown(findings, "out");
  EXPECT_THAT(text, HasSubstr("| operation | gone | open | busy | timer | queue | closing |"));
  EXPECT_THAT(text, HasSubstr("| control | never | reached | never | reached | never | never |"));
  EXPECT_THAT(text, HasSubstr("| call | no callback |"));
}

TEST(StabilityTest, InputsThatDifferAreCountedAndTheFirstIsNamed) {
  const auto log = ParseStability(
      "Running: c/a\nportlab: STABLE\nRunning: c/b\n"
      "portlab: UNSTABLE operation 2: control p0 0x1 \"\": 1, open; then: 2, open\n"
      "portlab: UNSTABLE edge: summarise my_drv.c:7; then only\nportlab: STABLE\nthe end",
      {"a", "b", "c", "d", "e"});
  EXPECT_EQ(log.done, 4u);
  EXPECT_EQ(log.stability.inputs, 4u);
  EXPECT_EQ(log.stability.stable, 2u);
  EXPECT_EQ(log.stability.input, "b");
  CampaignResult result = Useful();
  result.stability = log.stability;
  const json findings = ResultToJson(result);
  EXPECT_EQ(findings.at("stability").at("percent"), 50.0);
  EXPECT_THAT(FindingsAsMarkdown(findings, "out"),
              HasSubstr("stability 50.0 %: 2 of 4 inputs that are new in the corpus did the same "
                        "when run twice; first difference, in b: operation 2: control p0 0x1"));
}

TEST(ReportsTest, TheRuleOfTheBucketsIsPrinted) {
  CampaignResult result = Useful();
  result.findings = {With(FindingStatus::kNew)};
  EXPECT_THAT(FindingsAsMarkdown(ResultToJson(result), "out"),
              HasSubstr("size class (1 byte; 2 to 16 bytes; a block"));
}

}  // namespace
}  // namespace portlab
