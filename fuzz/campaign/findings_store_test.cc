#include "fuzz/campaign/findings_store.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace portlab {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

Finding Sample(const std::string& id) {
  Finding finding;
  finding.id = id;
  finding.bucket = {"double-free", "WRITE", "a block", {"drop_twice", "control"}, "close"};
  finding.tool = "asan";
  finding.sentence = "attempting double-free \xff\"";
  finding.stack.push_back({"drop_twice", "/src/a.c", 100, "/src/a.so", 0x42});
  finding.operation = 2;
  finding.operation_text = "control p0 4 \"\"";
  finding.minimised = {18, 3};
  finding.reproduced = 2;
  finding.tries = 10;
  finding.times_seen = 7;
  return finding;
}

class FindingsStoreTest : public testing::Test {
 protected:
  FindingsStoreTest() {
    target_.file = "/d.so";
    target_.guarded = true;
  }
  std::string Folder() const { return scratch_.path() + "/deep/campaign"; }
  ScratchFolder scratch_ = std::move(*ScratchFolder::Make());
  FuzzTarget target_;
  FindingFiles files_{"in", "original", "open p0\n", "report\n"};
};

TEST_F(FindingsStoreTest, WhatWasAddedIsThereInALaterCampaign) {
  {
    auto store = FindingsStore::Open(Folder());
    ASSERT_TRUE(store.has_value()) << store.error().detail;
    ASSERT_TRUE(store->Add(Sample("double-free-1"), target_, files_).has_value());
    Finding again = Sample("double-free-1");
    again.times_seen = 8;
    ASSERT_TRUE(store->Update(again, target_).has_value());
  }
  auto store = FindingsStore::Open(Folder());
  ASSERT_TRUE(store.has_value());
  const auto findings = store->Load();
  ASSERT_TRUE(findings.has_value());
  ASSERT_EQ(findings->size(), 1u);
  const Finding& finding = findings->front();
  EXPECT_EQ(finding.bucket, Sample("x").bucket);
  EXPECT_EQ(finding.stack, Sample("x").stack);
  EXPECT_EQ(finding.times_seen, 8u);
  EXPECT_EQ(ReproductionInWords(finding), "flaky 2/10");
  EXPECT_EQ(ReadFile(store->FolderOf("double-free-1") + "/input").value_or(""), "in");
  const auto stored = ReadStoredFinding(store->FolderOf("double-free-1"));
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->target.file, "/d.so");
  EXPECT_TRUE(stored->target.guarded);
}

TEST_F(FindingsStoreTest, HistoryIsReadBackInItsOrderBeforeTheInput) {
  auto store = FindingsStore::Open(Folder());
  ASSERT_TRUE(store.has_value());
  Finding finding = Sample("double-free-1");
  files_.history = {"z", "y", "", "x", "w", "v", "u", "t", "s", "r", "q", "p"};
  finding.history = files_.history.size();
  finding.reproduced = finding.tries = 3;
  ASSERT_TRUE(store->Add(finding, target_, files_).has_value());
  std::vector<std::string> all = files_.history;
  all.push_back("in");
  EXPECT_EQ(ReadInputsOf(store->FolderOf("double-free-1")).value(), all);
  EXPECT_EQ(ReproductionInWords(store->Load().value().front()), "needs-history (12 inputs) 3/3");
  // Of an earlier finding nothing must be left.
  files_.history.clear();
  ASSERT_TRUE(store->Add(finding, target_, files_).has_value());
  EXPECT_EQ(ReadInputsOf(store->FolderOf("double-free-1")).value().size(), 1u);
}

TEST_F(FindingsStoreTest, HalfAFindingOfAKilledCampaignIsClearedAway) {
  ASSERT_TRUE(FindingsStore::Open(Folder()).has_value());
  fs::create_directories(Folder() + "/findings/.double-free-1");
  ASSERT_TRUE(WriteFileWhole(Folder() + "/findings/.double-free-1/input", "x").has_value());
  auto store = FindingsStore::Open(Folder());
  ASSERT_TRUE(store.has_value());
  EXPECT_FALSE(fs::exists(Folder() + "/findings/.double-free-1"));
  EXPECT_THAT(store->Load().value(), IsEmpty());
}

TEST_F(FindingsStoreTest, DamagedFindingIsNamed) {
  auto store = FindingsStore::Open(Folder());
  ASSERT_TRUE(store->Add(Sample("a-1"), target_, files_).has_value());
  for (const char* damage : {"", "{}", "[1]", "{\"id\": 3}"}) {
    ASSERT_TRUE(WriteFileWhole(store->FolderOf("a-1") + "/finding.json", damage).has_value());
    const auto findings = store->Load();
    ASSERT_FALSE(findings.has_value()) << damage;
    EXPECT_THAT(findings.error().detail, HasSubstr("a-1/finding.json is damaged"));
  }
}

TEST_F(FindingsStoreTest, SecondCampaignInTheSameFolderIsRefused) {
  const auto first = FindingsStore::Open(Folder());
  ASSERT_TRUE(first.has_value());
  const auto second = FindingsStore::Open(Folder() + "/");
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error().detail, HasSubstr("another campaign uses"));
}

TEST_F(FindingsStoreTest, FolderThatCannotBeMadeIsNamed) {
  ASSERT_TRUE(WriteFileWhole(scratch_.path() + "/deep", "a file").has_value());
  const auto store = FindingsStore::Open(Folder());
  ASSERT_FALSE(store.has_value());
  EXPECT_THAT(store.error().detail, HasSubstr("cannot make the folder " + Folder()));
}

TEST_F(FindingsStoreTest, WriteThatFailsLeavesTheOldFileAndNoOther) {
  // A full disk, without filling one: nothing can be written to /dev/full, and what cannot be
  // renamed is not left behind.
  const std::string path = scratch_.path() + "/file";
  ASSERT_TRUE(WriteFileWhole(path, "old").has_value());
  EXPECT_FALSE(AppendToFile("/dev/full", "new").has_value());
  EXPECT_THAT(AppendToFile("/dev/full", "new").error().detail, HasSubstr("No space left"));
  fs::create_directory(scratch_.path() + "/taken");
  EXPECT_FALSE(WriteFileWhole(scratch_.path() + "/taken", "new").has_value());
  EXPECT_EQ(FilesIn(scratch_.path()).value(), std::vector<std::string>{"file"});
  EXPECT_EQ(ReadFile(path).value_or(""), "old");
}

TEST(TargetJsonTest, ProgramKeepsHowItIsStarted) {
  FuzzTarget target;
  target.kind = TargetKind::kProgram;
  target.file = "/src/prog";
  target.framing = {0, 80};
  target.args = {"-v", "two words"};
  target.ok_exits = {1, 4};
  const auto again = TargetFromJson(TargetToJson(target));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->kind, TargetKind::kProgram);
  EXPECT_EQ(again->framing, target.framing);
  EXPECT_EQ(again->args, target.args);
  EXPECT_EQ(again->ok_exits, target.ok_exits);
  auto json = TargetToJson(target);
  json["framing"] = "--packet=3";
  EXPECT_FALSE(TargetFromJson(json));
}

}  // namespace
}  // namespace portlab
