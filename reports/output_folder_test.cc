#include "reports/output_folder.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>

#include "reports/json_writer.h"
#include "reports/report_files.h"
#include "reports/sample_report.h"

namespace portlab {
namespace {

namespace fs = std::filesystem;

class OutputFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "portlab-output-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    top_ = name;
  }
  void TearDown() override { fs::remove_all(top_); }

  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& item : fs::recursive_directory_iterator(top_)) {
      names.push_back(fs::relative(item.path(), top_).string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  fs::path top_;
};

TEST_F(OutputFolderTest, UnusedFoldersAreRemovedAgain) {
  { ASSERT_TRUE(OutputFolder::Open(top_ / "a/b/c/")); }
  EXPECT_TRUE(Names().empty());
}

TEST_F(OutputFolderTest, ExistingFolderStays) {
  fs::create_directory(top_ / "a");
  { ASSERT_TRUE(OutputFolder::Open(top_ / "a")); }
  EXPECT_EQ(Names(), std::vector<std::string>{"a"});
}

TEST_F(OutputFolderTest, FileInTheWayIsSaid) {
  std::ofstream(top_ / "file") << "x";
  for (const char* path : {"file", "file/below"}) {
    const auto folder = OutputFolder::Open(top_ / path);
    ASSERT_FALSE(folder) << path;
    EXPECT_NE(folder.error().detail.find("Not a directory"), std::string::npos);
  }
  EXPECT_EQ(Names(), std::vector<std::string>{"file"});
}

TEST_F(OutputFolderTest, WritesWholeFilesAndNothingElse) {
  const auto folder = OutputFolder::Open(top_ / "a");
  ASSERT_TRUE(folder);
  ASSERT_TRUE(folder->Write({{"x", "one"}, {"y", "two"}}));
  ASSERT_TRUE(folder->Write({{"x", "three"}}));
  EXPECT_EQ(Names(), (std::vector<std::string>{"a", "a/x", "a/y"}));
  EXPECT_EQ(*ReadWholeFile(top_ / "a/x"), "three");
}

TEST_F(OutputFolderTest, FullDiskLeavesTheOldFilesAndNoTemporaryOnes) {
  const auto folder = OutputFolder::Open(top_);
  ASSERT_TRUE(folder);
  ASSERT_TRUE(folder->Write({{"x", "old"}}));
  // A limit on file size fails where a full disk does: in the middle of a write.
  rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit small = {8, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto written = folder->Write({{"x", "new"}, {"y", "longer than eight bytes"}});
  ::setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().detail.find("File too large"), std::string::npos);
  EXPECT_EQ(Names(), std::vector<std::string>{"x"});
  EXPECT_EQ(*ReadWholeFile(top_ / "x"), "old");
}

TEST_F(OutputFolderTest, FolderInPlaceOfAFileIsSaid) {
  const auto folder = OutputFolder::Open(top_);
  ASSERT_TRUE(folder);
  fs::create_directory(top_ / "x");
  EXPECT_FALSE(folder->Write({{"x", "new"}}));
  EXPECT_EQ(Names(), std::vector<std::string>{"x"});
}

TEST_F(OutputFolderTest, ReportHasThreeFiles) {
  const auto folder = OutputFolder::Open(top_);
  ASSERT_TRUE(folder);
  const auto paths = WriteReportFiles(*folder, ReportToJson(SampleReport()));
  ASSERT_TRUE(paths) << paths.error().ToString();
  EXPECT_EQ(Names(), (std::vector<std::string>{"report.html", "report.json", "report.md"}));
  EXPECT_EQ(paths->front(), (top_ / "report.html").string());
  EXPECT_FALSE(WriteReportFiles(*folder, nlohmann::json::object()));
}

}  // namespace
}  // namespace portlab
