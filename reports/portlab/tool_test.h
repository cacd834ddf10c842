// For tests of the built tool as its users meet it: a folder of the test's own to run it in, its
// exit status and what it printed.
//
// Threads: one. Ownership: the folder goes with the test. Errors: GoogleTest's expectations.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "reports/output_folder.h"

namespace portlab {

class ToolTest : public testing::Test {
 protected:
  struct Ended {
    int status = -1;  // as a shell tells it
    std::string out;
    std::string err;
  };

  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "portlab-tool-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    top_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(top_); }

  // An executable file.
  std::string Write(const std::string& file, const std::string& text) {
    std::filesystem::create_directories((top_ / file).parent_path());
    std::ofstream(top_ / file) << text;
    std::filesystem::permissions(top_ / file, std::filesystem::perms::owner_all);
    return top_ / file;
  }

  // Which file is run: the built one, unless a test has its own surroundings for it.
  virtual std::string Tool() const { return PORTLAB_TOOL; }
  // In the test's folder; empty names: "stdout" there, and Tool().
  pid_t Start(std::vector<std::string> args, const std::string& out_file = "",
              const std::string& tool = "") {
    args.insert(args.begin(), "portlab");
    std::vector<char*> argv;
    for (std::string& arg : args) argv.push_back(arg.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    const std::string out = out_file.empty() ? (top_ / "stdout").string() : out_file;
    ::posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), flags, 0600);
    ::posix_spawn_file_actions_addopen(&actions, 2, (top_ / "stderr").c_str(), flags, 0600);
    ::posix_spawn_file_actions_addchdir_np(&actions, top_.c_str());
    pid_t pid = -1;
    const std::string file = tool.empty() ? Tool() : tool;
    EXPECT_EQ(::posix_spawn(&pid, file.c_str(), &actions, nullptr, argv.data(), environ), 0);
    ::posix_spawn_file_actions_destroy(&actions);
    return pid;
  }
  Ended Wait(pid_t pid) {
    int raw = 0;
    EXPECT_EQ(::waitpid(pid, &raw, 0), pid);
    Ended ended;
    ended.status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
    ended.out = ReadWholeFile(top_ / "stdout").value_or("");
    ended.err = ReadWholeFile(top_ / "stderr").value_or("");
    return ended;
  }
  Ended Run(std::vector<std::string> args) { return Wait(Start(std::move(args))); }

  // The numbers in the file, once there are so many in it.
  std::vector<pid_t> PidsIn(const std::filesystem::path& file, std::size_t count) const {
    std::vector<pid_t> pids;
    for (int i = 0; i < 1000 && pids.size() < count; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      pids.clear();
      std::ifstream lines(file);
      for (pid_t pid = 0; lines >> pid;) pids.push_back(pid);
    }
    return pids;
  }

  std::filesystem::path top_;
};

}  // namespace portlab
