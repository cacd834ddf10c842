#include "reports/summary.h"

#include <gtest/gtest.h>

#include "reports/sample_report.h"

namespace portlab {
namespace {

TEST(SummaryTest, CountsFaultsAndNotTheHarmlessEntry) {
  const VerdictCounts counts = CountVerdicts(SampleReport(), IsolationMode::kInVm, Flavour::kPlain);
  EXPECT_EQ(counts.tried, 7);
  EXPECT_EQ(counts.host_down, 4);
  EXPECT_EQ(counts.degraded, 3);
  EXPECT_EQ(counts.contained + counts.clean, 0);
}

TEST(SummaryTest, GroupsAreByLetterWithTheHarmlessLast) {
  const Report report = SampleReport();
  const auto groups = GroupsOf(report);
  std::vector<std::string> names;
  for (const FaultGroup& group : groups) names.push_back(group.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{
                "A · Memory", "B · Leaks and exhaustion", "C · Hangs and stalls", "D · Exits",
                "F · State of the process", "I · Programs only", "Harmless, for comparison"}));
  ASSERT_EQ(groups[0].faults.size(), 2u);
  EXPECT_EQ(groups[0].faults[1]->name, "heap_overflow");
  const auto counts = CountVerdicts(report, groups[0], IsolationMode::kInVm, Flavour::kGuarded);
  EXPECT_EQ(CountsInWords(counts), "1 host down");
  EXPECT_EQ(CountsInWords({}), "none tried");
}

TEST(SummaryTest, FaultsOfAClassAreSortedByNumber) {
  Report report;
  for (const char* id : {"A14", "A3", "A9"}) report.faults.push_back({id, id, 0, "", "d", "p"});
  const auto groups = GroupsOf(report);
  ASSERT_EQ(groups.size(), 1u);
  ASSERT_EQ(groups[0].faults.size(), 3u);
  EXPECT_EQ(groups[0].faults[0]->id, "A3");
  EXPECT_EQ(groups[0].faults[2]->id, "A14");
}

TEST(SummaryTest, UnknownClassIsAGroupOfItsOwn) {
  Report report;
  report.faults = {{"new_one", "Z9", 0, "", "d", "p"}};
  ASSERT_EQ(GroupsOf(report).size(), 1u);
  EXPECT_EQ(GroupsOf(report)[0].name, "Z");
}

TEST(SummaryTest, GuardedColumnIsForDriversOnly) {
  const Report report = SampleReport();
  EXPECT_EQ(FlavoursOf(report, IsolationMode::kInVm).size(), 3u);
  EXPECT_EQ(FlavoursOf(report, IsolationMode::kProgram),
            (std::vector<Flavour>{Flavour::kPlain, Flavour::kAsan}));
}

TEST(SummaryTest, HeadlineOfOneTrialIsSingular) {
  Report report = SampleReport();
  report.trials.resize(1);
  EXPECT_EQ(Headline(report), "1 of 1 fault took the host down as linked-in drivers.");
  report.trials.clear();
  EXPECT_EQ(Headline(report), "No fault was tried.");
}

TEST(SummaryTest, HeadlineIsOfTheAsanHostWhenThereIsNoOther) {
  Report report = SampleReport();
  std::erase_if(report.trials, [](const TrialRecord& t) { return t.flavour != Flavour::kAsan; });
  EXPECT_EQ(HeadlineFlavour(report), Flavour::kAsan);
  EXPECT_EQ(Headline(report),
            "1 of 1 fault took the host down as linked-in drivers; 0 of 1 as programs.");
}

TEST(SummaryTest, TrialThatCouldNotRunIsUnmetAndUncounted) {
  Report report = SampleReport();
  report.trials[0].outcome.reset();
  report.trials[0].met = false;
  EXPECT_EQ(CountVerdicts(report, IsolationMode::kInVm, Flavour::kPlain).tried, 6);
  EXPECT_EQ(ExpectationLine(report), "1 of 42 trials did not do what the catalogue says.");
  EXPECT_EQ(VerdictText(&report.trials[0]), "not run");
}

TEST(SummaryTest, RerunCommandIsOneShellWord) {
  EXPECT_EQ(RerunCommand("a'; echo\n", IsolationMode::kInVm),
            "./lab report --fault 'a'\\''; echo ' --mode in_vm");
}

TEST(SummaryTest, FiguresForPeople) {
  EXPECT_EQ(BytesInWords(0), "0 B");
  EXPECT_EQ(BytesInWords(-4096), "-4 KiB");
  EXPECT_EQ(BytesInWords(1'610'612'736), "1.5 GiB");
  EXPECT_EQ(MillisecondsInWords(-1), "-");
  EXPECT_EQ(MillisecondsInWords(0.42), "0.4 ms");
  EXPECT_EQ(MillisecondsInWords(41), "41 ms");
  EXPECT_EQ(MillisecondsInWords(1002), "1.00 s");
  EXPECT_EQ(MicrosecondsInWords(0.0521), "0.052 µs");
  EXPECT_EQ(MicrosecondsInWords(48), "48.0 µs");
  EXPECT_EQ(MicrosecondsInWords(62'400), "62.4 ms");
  EXPECT_EQ(MemoryInWords(2048), "2 GiB");
  EXPECT_EQ(MemoryInWords(0), "its own");
}

}  // namespace
}  // namespace portlab
