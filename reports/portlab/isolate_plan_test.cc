#include "reports/portlab/isolate_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "fuzz/operations/text.h"
#include "reports/portlab/isolate_inputs.h"

namespace portlab {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

IsolateSubject Driver() {
  IsolateSubject subject;
  subject.path = "/x/my_drv.so";
  subject.start_args = "mine";
  return subject;
}

IsolateSubject Program() {
  IsolateSubject subject;
  subject.path = "/x/prog";
  subject.mode = IsolationMode::kProgram;
  subject.args = {"-v"};
  subject.framing.packet_bytes = 1;
  return subject;
}

std::vector<std::string> NamesOf(const std::vector<IsolateRow>& rows) {
  std::vector<std::string> names;
  for (const IsolateRow& row : rows) names.push_back(row.name);
  return names;
}

const IsolateRow& RowNamed(const std::vector<IsolateRow>& rows, std::string_view name) {
  return *std::ranges::find(rows, name, &IsolateRow::name);
}

IsolateInput TextInput(std::string name, std::string content) {
  return {std::move(name), "x.txt", std::move(content), true, ""};
}

TEST(IsolatePlanTest, DriverHasControlInputsAndProvocations) {
  const auto rows = PlanRows(Driver(), {TextInput("a", "open p0 \"\"\n"), TextInput("a", "")});
  ASSERT_TRUE(rows);
  EXPECT_THAT(NamesOf(*rows), ElementsAre("control", "a", "a-2", "flooded", "malformed",
                                          "owner_killed", "many_ports"));
  for (const IsolateRow& row : *rows) {
    EXPECT_EQ(row.script.start_args, "mine") << row.name;
    EXPECT_EQ(ScriptFromText(ScriptToText(row.script)).value(), row.script) << row.name;
  }
  EXPECT_TRUE(rows->front().script.must_open);
  EXPECT_FALSE(RowNamed(*rows, "a").script.must_open);
}

TEST(IsolatePlanTest, ProgramHasSignalsInsteadOfManyPorts) {
  const auto rows = PlanRows(Program(), {});
  ASSERT_TRUE(rows);
  EXPECT_THAT(NamesOf(*rows),
              ElementsAre("control", "flooded", "malformed", "owner_killed", "killed", "stopped"));
  EXPECT_EQ(RowNamed(*rows, "killed").script.action, OutsideAction::kKillProgram);
  EXPECT_EQ(RowNamed(*rows, "stopped").script.action, OutsideAction::kStopProgram);
  EXPECT_EQ(RowNamed(*rows, "malformed").script.packet_bytes, 0) << "wrong frames need a stream";
  EXPECT_THAT(rows->front().script.args, ElementsAre("-v"));
}

TEST(IsolatePlanTest, MalformedPayloadsAreForAllOperationsAndTheSameEveryTime) {
  const auto rows = PlanRows(Driver(), {});
  const auto& operations = RowNamed(*rows, "malformed").script.operations;
  EXPECT_EQ(operations, RowNamed(*PlanRows(Driver(), {}), "malformed").script.operations);
  for (std::uint32_t number = 0; number < 256; ++number) {
    for (const OperationKind kind : {OperationKind::kControl, OperationKind::kCall}) {
      EXPECT_TRUE(std::ranges::any_of(operations, [&](const Operation& operation) {
        return operation.kind == kind && operation.number == number && operation.bytes.empty();
      })) << number;
    }
  }
}

TEST(IsolatePlanTest, CampaignsStartArgumentsHoldUnlessOthersAreGiven) {
  IsolateInput input = TextInput("a", "open p0 \"\"\n");
  input.start_args = "theirs";
  EXPECT_EQ((*PlanRows(Driver(), {input}))[1].script.start_args, "mine");
  IsolateSubject bare = Driver();
  bare.start_args.clear();
  EXPECT_EQ((*PlanRows(bare, {input}))[1].script.start_args, "theirs");
}

TEST(IsolatePlanTest, RawInputIsDecodedForADriverAndSentInPacketsToAProgram) {
  const auto operations = *ParseOperations("open p0 \"\"\ncontrol p0 0xfa1 \"x\"\n");
  const IsolateInput raw = {"a", "a", EncodeOperations(operations), false, ""};
  EXPECT_EQ((*PlanRows(Driver(), {raw}))[1].script.operations, operations);

  const IsolateInput bytes = {"a", "a", std::string(300, 'x'), false, ""};
  const auto sent = (*PlanRows(Program(), {bytes}))[1].script.operations;
  ASSERT_EQ(sent.size(), 3u);
  EXPECT_EQ(sent[0].kind, OperationKind::kOpen);
  EXPECT_EQ(sent[1].bytes.size(), 255u) << "the most that a length of one byte can say";
  EXPECT_EQ(sent[2].bytes.size(), 45u);
}

TEST(IsolatePlanTest, TextForAProgramIsOpenedFirst) {
  const auto rows = PlanRows(Program(), {TextInput("a", "command p0 \"fire\"\n")});
  ASSERT_TRUE(rows);
  const auto& operations = (*rows)[1].script.operations;
  ASSERT_EQ(operations.size(), 2u);
  EXPECT_EQ(operations[0].kind, OperationKind::kOpen);
}

TEST(IsolatePlanTest, InputThatIsNoOperationsIsNamed) {
  const auto rows = PlanRows(Driver(), {TextInput("a", "opne p0\n")});
  ASSERT_FALSE(rows);
  EXPECT_THAT(rows.error().detail, HasSubstr("x.txt: "));
}

TEST(IsolatePlanTest, OnlyChoosesAndAnUnknownRowNamesThoseThereAre) {
  const auto rows = *PlanRows(Driver(), {});
  EXPECT_EQ(ChooseRows(rows, {})->size(), rows.size());
  EXPECT_THAT(NamesOf(*ChooseRows(rows, {"malformed", "control"})),
              ElementsAre("control", "malformed"));
  const auto unknown = ChooseRows(rows, {"control", "flood"});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().detail,
            "there is no row 'flood'; there are: control, flooded, malformed, owner_killed, "
            "many_ports");
}

class IsolateInputsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "portlab-inputs-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    top_ = name;
  }
  void TearDown() override { fs::remove_all(top_); }
  void Write(const std::string& file, const std::string& text) {
    fs::create_directories((top_ / file).parent_path());
    std::ofstream(top_ / file) << text;
  }
  fs::path top_;
};

TEST_F(IsolateInputsTest, FindingsOfACampaignComeInTheOrderOfTheirNames) {
  Write("findings/b/input", "2");
  Write("findings/a b/input", "1");
  Write("findings/.half/input", "0");
  Write("findings/none/other", "0");
  for (const fs::path& folder : {top_, top_ / "findings"}) {
    const auto inputs = ReadFindings(folder);
    ASSERT_TRUE(inputs);
    ASSERT_EQ(inputs->size(), 2u);
    EXPECT_EQ((*inputs)[0].name, "finding-a_b");
    EXPECT_EQ((*inputs)[0].content, "1");
    EXPECT_EQ((*inputs)[1].name, "finding-b");
  }
  EXPECT_FALSE(ReadFindings(top_ / "nowhere"));
}

TEST_F(IsolateInputsTest, FileIsARowOfItsName) {
  Write("crash 1.txt", "open p0 \"\"\n");
  const auto input = ReadInput(top_ / "crash 1.txt");
  ASSERT_TRUE(input);
  EXPECT_EQ(input->name, "input-crash_1.txt");
  EXPECT_TRUE(input->is_text);
  EXPECT_FALSE(ReadInput(top_ / "none"));
}

TEST_F(IsolateInputsTest, WhatCannotBeTriedIsToldApart) {
  Write("text.so", "no driver");
  EXPECT_EQ(WhyNotLoadable(top_ / "none.so", Flavour::kPlain), "there is no such file");
  EXPECT_THAT(WhyNotLoadable(top_, Flavour::kPlain), HasSubstr("folder"));
  EXPECT_THAT(WhyNotLoadable(top_ / "text.so", Flavour::kPlain), HasSubstr("text.so"));
  EXPECT_EQ(WhyNotRunnable(top_ / "none"), "there is no such file");
  EXPECT_THAT(WhyNotRunnable(top_ / "text.so"), HasSubstr("cannot be run"));
  EXPECT_EQ(WhyNotRunnable("/bin/sh"), "");
}

TEST(IsolatePlanTest, FindingOfAProgramIsItsPackets) {
  IsolateSubject subject = Program();
  subject.framing = {0, 80};
  IsolateInput finding = TextInput("finding-x", "");
  finding.content = EncodeText("command p0 \"one\"\ncommand p0 \"two\\x0a\"\n").value();
  finding.is_text = false;
  finding.is_finding = true;
  const auto rows = PlanRows(subject, {finding});
  ASSERT_TRUE(rows);
  EXPECT_EQ(PrintOperations(RowNamed(*rows, "finding-x").script.operations),
            "open p0 \"\"\ncommand p0 \"one\\x0a\"\ncommand p0 \"two\\x0a\"\n");
}

}  // namespace
}  // namespace portlab
