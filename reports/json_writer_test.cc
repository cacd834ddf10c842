#include "reports/json_writer.h"

#include <gtest/gtest.h>

#include "reports/html_writer.h"
#include "reports/markdown_writer.h"
#include "reports/sample_report.h"

namespace portlab {
namespace {

TEST(JsonWriterTest, RoundTripKeepsEverything) {
  const nlohmann::json first = ReportToJson(SampleReport());
  const auto read = ReadReport(JsonText(first));
  ASSERT_TRUE(read) << read.error().ToString();
  EXPECT_EQ(ReportToJson(*read), first);
  EXPECT_EQ(read->trials.size(), SampleReport().trials.size());
  EXPECT_EQ(read->trials[8].outcome->bystanders[1].answered, false);
  const Bystander& silent = read->trials[16].outcome->bystanders[1];
  EXPECT_FALSE(silent.samples.back().answered);
  EXPECT_TRUE(silent.samples.front().answered);
  EXPECT_LT(silent.samples.front().at_ms, 0);
  EXPECT_EQ(read->trials[34].outcome->drift.at(0).what, "umask");
  EXPECT_EQ(read->cost->rows[5].note, "erl not found");
}

TEST(JsonWriterTest, TrialWithoutOutcomeRoundTrips) {
  TrialRecord trial;
  trial.entry = "abort";
  trial.error = "no such host";
  const auto read = TrialFromJson(TrialToJson(trial));
  ASSERT_TRUE(read) << read.error().ToString();
  EXPECT_FALSE(read->outcome);
  EXPECT_EQ(read->error, "no such host");
}

TEST(JsonWriterTest, RenderingAgainGivesTheSameFiles) {
  const Report report = SampleReport();
  const auto read = ReadReport(JsonText(ReportToJson(report)));
  ASSERT_TRUE(read);
  EXPECT_EQ(WriteHtml(*read), WriteHtml(report));
  EXPECT_EQ(WriteMarkdown(*read), WriteMarkdown(report));
}

TEST(JsonWriterTest, OutputThatIsNotUtf8IsReplaced) {
  Report report = SampleReport();
  report.trials[0].outcome->stderr_tail = "a\xff\xfe z";
  const auto read = ReadReport(JsonText(ReportToJson(report)));
  ASSERT_TRUE(read) << read.error().ToString();
  EXPECT_EQ(read->trials[0].outcome->stderr_tail, "a\ufffd\ufffd z");
}

TEST(JsonWriterTest, WhatIsNotAReportIsRefusedWithAReason) {
  for (const char* text : {"", "{", "[]", "{}", "7", R"({"what":"portlab report"})",
                           R"({"what":"portlab report","format":1})"}) {
    const auto read = ReadReport(text);
    ASSERT_FALSE(read) << text;
    EXPECT_NE(read.error().detail.find("not a report: "), std::string::npos) << text;
  }
}

TEST(JsonWriterTest, AnotherFormatIsRefused) {
  auto json = ReportToJson(SampleReport());
  json["format"] = 99;
  const auto read = ReportFromJson(json);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().detail.find("99"), std::string::npos);
}

TEST(JsonWriterTest, UnknownNamesAreRefused) {
  for (const char* field : {"mode", "flavour"}) {
    auto json = ReportToJson(SampleReport());
    json["trials"][0][field] = "elsewhere";
    const auto read = ReportFromJson(json);
    ASSERT_FALSE(read) << field;
    EXPECT_NE(read.error().detail.find("elsewhere"), std::string::npos);
  }
}

}  // namespace
}  // namespace portlab
