// `portlab isolate` as its users meet it, with the real host and drivers and programs of the zoo.
#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>

#include "reports/json_writer.h"
#include "reports/output_folder.h"
#include "reports/portlab/tool_test.h"

namespace portlab {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

class IsolateTest : public ToolTest {
 protected:
  std::string Out() const { return top_ / "out"; }
  static std::string Driver(const std::string& name) {
    return std::string(PORTLAB_TEST_DRIVERS "/") + name + ".so";
  }
  static std::string Program(const std::string& name) { return PORTLAB_TEST_PROGRAMS "/" + name; }

  pid_t Start(std::vector<std::string> args) {
    args.insert(args.begin(), {"isolate", "--out", Out()});
    return ToolTest::Start(std::move(args));
  }
  Ended Run(std::vector<std::string> args) { return Wait(Start(std::move(args))); }

  // "control clean" for each trial of the report.
  std::vector<std::string> Verdicts() const {
    const auto report = ReadReport(ReadWholeFile(Out() + "/report.json").value_or(""));
    std::vector<std::string> verdicts;
    if (!report) return verdicts;
    for (const TrialRecord& trial : report->trials) {
      verdicts.push_back(trial.entry + " " + (trial.outcome ? trial.outcome->key : trial.error));
    }
    return verdicts;
  }
};

TEST_F(IsolateTest, HarmlessDriverIsCleanInEveryTrial) {
  const Ended ended = Run({Driver("echo_drv")});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(Verdicts(), ElementsAre("control clean", "flooded clean", "malformed clean",
                                      "owner_killed clean", "many_ports clean"))
      << ended.out;
  EXPECT_THAT(ended.err, HasSubstr("portlab: 2/5 flooded: clean\n"));
  for (const char* file : {"report.html", "report.md"}) {
    const std::string text = ReadWholeFile(Out() + "/" + file).value_or("");
    EXPECT_THAT(text, HasSubstr("echo_drv.so")) << file;
    EXPECT_THAT(text, HasSubstr("./lab isolate " + Driver("echo_drv") + " --only many_ports"))
        << file;
    EXPECT_THAT(text, testing::Not(HasSubstr("catalogue"))) << file;
  }
}

TEST_F(IsolateTest, CrashingInputTakesTheHostDownAndNothingElseDoes) {
  const std::string input =
      Write("crash.txt", "open p0 \"\"\ncontrol p0 0xfa1 \"\"\ncontrol p0 0xfa2 \"\"\ninfo p0\n");
  const Ended ended = Run({Driver("null_write_in_control_drv"), "--input", input});
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_THAT(Verdicts(), ElementsAre("control clean", "input-crash.txt host_down:signal:SIGSEGV",
                                      "flooded clean", "malformed clean", "owner_killed clean",
                                      "many_ports clean"))
      << ended.out;
}

TEST_F(IsolateTest, FindingsOfACampaignAreTriedWithoutBeingNamed) {
  Write("portlab-fuzz/null_write_in_control_drv/findings/segv-1/input",
        std::string("\x00\x00\x00\x05\x00\x04\xa1\x0f\x00\x00\x05\x00\x04\xa2\x0f\x00\x00", 17));
  const Ended ended = Run({Driver("null_write_in_control_drv"), "--only", "finding-segv-1"});
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_THAT(Verdicts(), ElementsAre("finding-segv-1 host_down:signal:SIGSEGV")) << ended.out;
}

// The flood reaches what only many commands show: this driver keeps memory for each.
TEST_F(IsolateTest, FloodShowsALeak) {
  const Ended ended = Run({Driver("memory_leak_in_output_drv"), "--start-args", "armed", "--only",
                           "flooded", "--only", "control"});
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_THAT(Verdicts(), ElementsAre(testing::StartsWith("control "), "flooded degraded:memory"))
      << ended.out;
}

TEST_F(IsolateTest, CrashingProgramIsContained) {
  const Ended ended = Run({"--program", Program("null_write_program"), "--arg", "armed", "--input",
                           Write("fire", "fire")});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(Verdicts(),
              ElementsAre("control clean", "input-fire contained:exit_status:139", "flooded clean",
                          "malformed clean", "owner_killed clean",
                          "killed contained:exit_status:137", "stopped contained:unresponsive"))
      << ended.out;
}

TEST_F(IsolateTest, ProgramThatIgnoresTheEndIsReportedAndDoesNotOutliveItsTrial) {
  const std::string program = Write("deaf", "#!/bin/sh\necho $$ >> " + (top_ / "pids").string() +
                                                "\ntrap '' TERM HUP\nexec sleep 1000\n");
  const Ended ended = Run({"--program", program, "--line", "--patience-ms", "300", "--only",
                           "control", "--only", "owner_killed"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(Verdicts(), ElementsAre("control contained:outlives_port",
                                      "owner_killed contained:outlives_port"))
      << ended.out;
  EXPECT_THAT(ended.out, HasSubstr("the control is not clean"));
  const auto pids = PidsIn(top_ / "pids", 2);
  ASSERT_EQ(pids.size(), 2u);
  for (const pid_t pid : pids) EXPECT_EQ(::kill(pid, 0), -1) << pid;
}

TEST_F(IsolateTest, WhatCannotBeTriedIsExitStatusThreeWithAReason) {
  const std::string text = Write("text.so", "not a driver\n");
  const Ended driver = Run({text});
  EXPECT_EQ(driver.status, 3);
  EXPECT_THAT(driver.err, HasSubstr("text.so cannot be tried: "));
  const Ended missing = Run({"--program", top_ / "none"});
  EXPECT_EQ(missing.status, 3);
  EXPECT_THAT(missing.err, HasSubstr("there is no such file"));
  // A driver in all but its name: only the host finds out.
  fs::copy_file(Driver("echo_drv"), top_ / "other_drv.so");
  const Ended renamed = Run({top_ / "other_drv.so"});
  EXPECT_EQ(renamed.status, 3) << renamed.out;
  EXPECT_THAT(renamed.err, HasSubstr("echo_drv"));
  EXPECT_FALSE(fs::exists(Out()));
}

TEST_F(IsolateTest, BadCommandLinesAreUsageErrors) {
  const std::string echo = Driver("echo_drv");
  const std::vector<std::vector<std::string>> lines = {
      {},
      {echo, "--program", "x"},
      {echo, "--only", "flood"},
      {echo, "--input", "none"},
      {echo, "--findings", "none"},
      {echo, "--line"},
      {"--program", "/bin/cat", "--packet", "3"},
      {"--program", "/bin/cat", "--line", "--stream"},
      {"--program", "/bin/cat", "--flavour", "guarded"},
      {"--program", "/bin/cat", "--start-args", "x"}};
  for (const auto& line : lines) {
    const Ended ended = Run(line);
    EXPECT_EQ(ended.status, 2) << testing::PrintToString(line);
    EXPECT_THAT(ended.err, HasSubstr("portlab: ")) << testing::PrintToString(line);
    EXPECT_THAT(ended.out, IsEmpty());
  }
  EXPECT_FALSE(fs::exists(Out()));
}

TEST_F(IsolateTest, CtrlCInTheFirstTrialLeavesNothing) {
  const std::string program =
      Write("deaf", "#!/bin/sh\necho $$ >> " + (top_ / "pids").string() + "\nexec sleep 1000\n");
  const pid_t tool = Start({"--program", program, "--patience-ms", "30000"});
  const auto pids = PidsIn(top_ / "pids", 1);
  ASSERT_EQ(pids.size(), 1u);
  ::kill(tool, SIGINT);
  const Ended ended = Wait(tool);
  EXPECT_EQ(ended.status, 130);
  EXPECT_THAT(ended.err, EndsWith("portlab: interrupted\n"));
  EXPECT_EQ(::kill(pids[0], 0), -1);
  EXPECT_FALSE(fs::exists(Out()));
}

TEST_F(IsolateTest, CtrlCLaterReportsWhatWasDone) {
  const std::string pid_file = top_ / "pids";
  const std::string program =
      Write("sometimes", "#!/bin/sh\necho $$ >> " + pid_file + "\n[ $(wc -l < " + pid_file +
                             ") = 1 ] && exec cat\nexec sleep 1000\n");
  const pid_t tool = Start({"--program", program, "--patience-ms", "30000"});
  const auto pids = PidsIn(pid_file, 2);
  ASSERT_EQ(pids.size(), 2u);
  ::kill(tool, SIGINT);
  const Ended ended = Wait(tool);
  EXPECT_EQ(ended.status, 130);
  EXPECT_THAT(Verdicts(), ElementsAre("control clean"));
  EXPECT_THAT(ended.err, HasSubstr("the report has 1 of 6 trials"));
  EXPECT_EQ(::kill(pids[1], 0), -1);
}

}  // namespace
}  // namespace portlab
