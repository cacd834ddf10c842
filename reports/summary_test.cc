#include "reports/summary.h"

#include <gtest/gtest.h>

#include "reports/sample_report.h"

namespace portlab {
namespace {

TEST(SummaryTest, CountsFaultsAndNotTheHarmlessEntry) {
  const VerdictCounts counts = CountVerdicts(SampleReport(), IsolationMode::kInVm, Flavour::kPlain);
  EXPECT_EQ(counts.tried, 5);
  EXPECT_EQ(counts.host_down, 3);
  EXPECT_EQ(counts.degraded, 2);
  EXPECT_EQ(counts.contained + counts.clean, 0);
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
  std::erase_if(report.trials, [](const TrialRecord& t) { return t.flavour == Flavour::kPlain; });
  EXPECT_EQ(HeadlineFlavour(report), Flavour::kAsan);
  EXPECT_EQ(Headline(report),
            "1 of 1 fault took the host down as linked-in drivers; 0 of 1 as programs.");
}

TEST(SummaryTest, TrialThatCouldNotRunIsUnmetAndUncounted) {
  Report report = SampleReport();
  report.trials[0].outcome.reset();
  report.trials[0].met = false;
  EXPECT_EQ(CountVerdicts(report, IsolationMode::kInVm, Flavour::kPlain).tried, 4);
  EXPECT_EQ(ExpectationLine(report), "1 of 28 trials did not do what the catalogue says.");
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
