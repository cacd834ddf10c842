#include "launch/cgroup.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

#include "gtest/gtest.h"

namespace portlab {
namespace {

// A folder that looks like a group: what the kernel puts there is put there by hand.
class CgroupTest : public testing::Test {
 protected:
  CgroupTest() {
    char name[] = "/tmp/portlab-cgroup-XXXXXX";
    below_ = ::mkdtemp(name);
    group_ = below_ + "/group";
    std::filesystem::create_directory(group_);
  }
  ~CgroupTest() override { std::filesystem::remove_all(below_); }
  void Put(const std::string& file, const std::string& text) {
    std::filesystem::create_directory(group_);  // taken away by a group that failed
    std::ofstream(group_ + "/" + file) << text;
  }
  std::string Text(const std::string& file) {
    std::string text;
    std::getline(std::ifstream(group_ + "/" + file), text);
    return text;
  }
  int ErrorOf(const CgroupLimits& limits) {
    const auto made = Cgroup::Set(group_, limits);
    return made ? 0 : made.error().error_number;
  }

  std::string below_;
  std::string group_;
};

TEST_F(CgroupTest, LimitsAreWrittenAndAllIsKilledAtOnce) {
  for (const char* file : {"cgroup.procs", "cgroup.kill", "memory.max", "pids.max"}) Put(file, "");
  auto group = Cgroup::Set(group_, {.memory_max = 1 << 20, .pids_max = 7});
  ASSERT_TRUE(group) << group.error().ToString();
  EXPECT_EQ(Text("memory.max"), "1048576");
  EXPECT_EQ(Text("pids.max"), "7");
  EXPECT_EQ(Text("cgroup.kill"), "");
  group->Kill();
  EXPECT_EQ(Text("cgroup.kill"), "1");
}

TEST_F(CgroupTest, WhatIsNotThereIsSaid) {
  EXPECT_EQ(ErrorOf({}), ENOENT) << "no group at all: the kernel did not fill the folder";
  Put("cgroup.procs", "");
  EXPECT_EQ(ErrorOf({}), EOPNOTSUPP) << "cgroup.kill";
  Put("cgroup.kill", "");
  EXPECT_EQ(ErrorOf({}), 0);
  EXPECT_EQ(ErrorOf({.memory_max = 1, .pids_max = {}}), EOPNOTSUPP);
  EXPECT_EQ(ErrorOf({.memory_max = {}, .pids_max = 1}), EOPNOTSUPP);
  EXPECT_EQ(Cgroup::Make(below_ + "/none", {}).error().error_number, ENOENT);
}

// A group of nobody is made anew, so that it has no limits; one that has something in it is
// another's.
TEST_F(CgroupTest, AnothersGroupIsNotTaken) {
  const std::string first = below_ + "/portlab-" + std::to_string(::getpid());
  std::filesystem::create_directory(first);
  // What follows fails, as no kernel fills the folder: the name it was tried under is in the text.
  EXPECT_NE(Cgroup::Make(below_, {}).error().detail.find(first + "/cgroup.procs"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(first)) << "what was made is taken away again";
  std::filesystem::create_directory(first);
  std::ofstream(first + "/somebody's");
  EXPECT_NE(Cgroup::Make(below_, {}).error().detail.find(first + "-1/cgroup.procs"),
            std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(first + "/somebody's"));
}

TEST_F(CgroupTest, OnlyOomKillsOfTheGroupCount) {
  for (const char* file : {"cgroup.procs", "cgroup.kill"}) Put(file, "");
  auto group = Cgroup::Set(group_, {});
  ASSERT_TRUE(group);
  EXPECT_EQ(group->OomKills(), std::nullopt);
  Put("memory.events", "low 0\nhigh 0\nmax 3\noom 2\noom_kill 1\noom_group_kill 0\n");
  EXPECT_EQ(group->OomKills(), 1u);
  Put("memory.events", "oom 2\noom_kill 0\n");
  EXPECT_EQ(group->OomKills(), 0u);
}

}  // namespace
}  // namespace portlab
