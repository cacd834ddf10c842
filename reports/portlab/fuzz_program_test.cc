// `portlab fuzz --program` as its users meet it, with the real host and programs that speak lines:
// shell scripts of this test's own making.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/prctl.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "reports/portlab/tool_test.h"

namespace portlab {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kBroken =
    "#!/bin/sh\nwhile read -r line; do\n  case $line in boom*) kill -SEGV $$;; esac\n"
    "  echo \"ok $line\"\ndone\n";
constexpr const char* kMended = "#!/bin/sh\nwhile read -r line; do echo \"ok $line\"; done\n";

class FuzzProgramTest : public ToolTest {
 protected:
  void SetUp() override {
    ToolTest::SetUp();
    // What a killed campaign leaves would be this process's: it must be seen.
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    Write("seeds/boom.txt", "command p0 \"hello\"\ncommand p0 \"boom\"\n");
    Write("seeds/hello.txt", "command p0 \"hello\"\n");
  }
  std::vector<std::string> Fuzz(const std::string& program, std::vector<std::string> more) {
    std::vector<std::string> args = {"fuzz",   "--program", program,           "--line",
                                     "--seed", "1",         "--minimise-runs", "20"};
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }
  nlohmann::json Findings() const {
    const auto text = ReadWholeFile(top_ / "portlab-fuzz/prog/findings.json");
    return text ? nlohmann::json::parse(*text).at("findings") : nlohmann::json();
  }
  // Whether all processes that this one has adopted have ended.
  static bool NothingIsLeft() {
    for (int i = 0; i < 1000; ++i) {
      pid_t pid;
      while ((pid = ::waitpid(-1, nullptr, WNOHANG)) > 0) continue;
      if (pid < 0) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }
};

TEST_F(FuzzProgramTest, CrashIsFoundRepeatedKnownAndFixed) {
  const std::string program = Write("prog", kBroken);
  const Ended first = Run(Fuzz(program, {"--corpus", "seeds", "--execs", "40"}));
  EXPECT_EQ(first.status, 1) << first.err;
  EXPECT_THAT(first.err, HasSubstr("no feedback from the program's code"));
  EXPECT_THAT(first.err, HasSubstr("built without AddressSanitizer"));
  ASSERT_EQ(Findings().size(), 1u) << first.out;
  const auto finding = Findings().at(0);
  EXPECT_EQ(finding.at("bucket").at("kind"), "signal-11");
  EXPECT_EQ(finding.at("bucket").at("answered"), "nothing");
  EXPECT_EQ(finding.at("minimised").at("operations"), 1) << first.out;
  const std::string id = finding.at("id");
  const std::string folder = "portlab-fuzz/prog/findings/" + id;
  EXPECT_THAT(*ReadWholeFile(top_ / folder / "operations.txt"),
              HasSubstr("command p0 \"boom\"  # <- fails here\n"));
  for (const char* file : {"findings.md", "findings.sarif", "findings.junit.xml"}) {
    EXPECT_TRUE(fs::exists(top_ / "portlab-fuzz/prog" / file)) << file;
  }

  const Ended repeated = Run({"repro", id});
  EXPECT_EQ(repeated.status, 1) << repeated.err;
  EXPECT_THAT(repeated.out, HasSubstr("killed by SIGSEGV"));
  const Ended known = Run(Fuzz(program, {"--mode", "pr", "--execs", "20"}));
  EXPECT_EQ(known.status, 0) << known.err;
  EXPECT_EQ(Findings().at(0).at("status"), "KNOWN");
  const Ended isolated = Run({"isolate", "--program", program, "--only", "finding-" + id});
  EXPECT_EQ(isolated.status, 0) << isolated.err;
  EXPECT_THAT(isolated.out, HasSubstr("contained:exit_status:139"));

  Write("prog", kMended);
  const Ended mended = Run(Fuzz(program, {"--execs", "20"}));
  EXPECT_EQ(mended.status, 0) << mended.err;
  EXPECT_EQ(Findings().at(0).at("status"), "FIXED");
  EXPECT_EQ(Run({"repro", id}).status, 0);
}

TEST_F(FuzzProgramTest, InputWrittenByHandIsRun) {
  const std::string program = Write("prog", kBroken);
  const std::string input = Write("input.txt", "command p0 \"fine\"\ncommand p0 \"boom\"\n");
  const Ended found = Run({"repro", input, "--program", program, "--line"});
  EXPECT_EQ(found.status, 1) << found.err;
  EXPECT_THAT(found.out, HasSubstr("command p0 \"boom\"  # <- fails here"));
  Write("input.txt", "command p0 \"fine\"\nclose p0\n");
  EXPECT_EQ(Run({"repro", input, "--program", program, "--line"}).status, 0);
  EXPECT_EQ(Run({"repro", input}).status, 2);
}

TEST_F(FuzzProgramTest, ArgumentsAndExitStatusesAreTheProgramsOwn) {
  // Moved there whole: the last of its lives may be ended at any moment.
  const std::string program =
      Write("prog", "#!/bin/sh\nread -r line\necho \"$1\" > args.$$\nmv args.$$ args\nexit 4\n");
  const std::vector<std::string> budget = {"--execs", "12", "--", "-v two"};
  EXPECT_EQ(Run(Fuzz(program, budget)).status, 1);
  EXPECT_EQ(Findings().at(0).at("bucket").at("kind"), "exit-4");
  EXPECT_EQ(ReadWholeFile(top_ / "args").value_or(""), "-v two\n");
  fs::remove_all(top_ / "portlab-fuzz");
  EXPECT_EQ(Run(Fuzz(program, {"--ok-exit", "4", "--execs", "12"})).status, 0);
}

TEST_F(FuzzProgramTest, WhatCannotBeFuzzedIsToldWithTheRemedy) {
  const std::string text = Write("prog", kMended);
  for (const auto& line :
       std::vector<std::vector<std::string>>{{"fuzz"},
                                             {"fuzz", "x.so", "y.so"},
                                             {"fuzz", "--program", top_ / "none"},
                                             {"fuzz", "--program", text, "--packet", "3"},
                                             {"fuzz", "--program", text, "--line", "--stream"},
                                             {"fuzz", "--program", text, "--guarded"}}) {
    EXPECT_EQ(Run(line).status, 2) << testing::PrintToString(line);
  }
  const Ended library = Run({"fuzz", "--program", PORTLAB_TEST_LIBRARY});
  EXPECT_EQ(library.status, 3);
  EXPECT_THAT(library.err, HasSubstr("int port_main(int in, int out)"));
  Write("prog", "#!/bin/sh\nexit 0\n");
  const Ended idle = Run(Fuzz(text, {"--execs", "5"}));
  EXPECT_EQ(idle.status, 5);
  EXPECT_THAT(idle.err, HasSubstr("does not wait for a packet: exited 0"));
}

TEST_F(FuzzProgramTest, CtrlCWritesWhatThereIs) {
  const std::string program =
      Write("prog", "#!/bin/sh\necho $$ >> pids\nwhile read -r line; do echo \"$line\"; done\n");
  const pid_t tool = Start(Fuzz(program, {"--time", "600"}));
  ASSERT_GE(PidsIn(top_ / "pids", 1).size(), 1u);
  ::kill(tool, SIGINT);
  EXPECT_EQ(Wait(tool).status, 130);
  EXPECT_TRUE(fs::exists(top_ / "portlab-fuzz/prog/findings.json"));
  EXPECT_TRUE(NothingIsLeft());
}

// The program has a child in a session of its own, which nothing but the spawn server knows of.
TEST_F(FuzzProgramTest, KilledCampaignTakesItsProgramsAlong) {
  const std::string program =
      Write("prog",
            "#!/bin/sh\nsetsid sleep 1000 <&- >&- 2>&- &\necho $$ $! >> pids\n"
            "while read -r line; do echo \"$line\"; done\n");
  const pid_t tool = Start(Fuzz(program, {"--time", "600"}));
  const auto pids = PidsIn(top_ / "pids", 2);
  ASSERT_GE(pids.size(), 2u);
  ::kill(tool, SIGKILL);
  EXPECT_EQ(Wait(tool).status, 128 + SIGKILL);
  EXPECT_TRUE(NothingIsLeft());
  for (const pid_t pid : pids) EXPECT_EQ(::kill(pid, 0), -1) << pid;
  const Ended again = Run(Fuzz(program, {"--execs", "20"}));
  EXPECT_EQ(again.status, 0) << again.err;
}

}  // namespace
}  // namespace portlab
