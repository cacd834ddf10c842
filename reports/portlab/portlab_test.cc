// The built tool as its users meet it: exit statuses, messages, files. Around a copy of it stand
// hosts of this test's own making, shell scripts that end at once or never; one test, where there
// is a real host, uses that.
#include <gmock/gmock.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "faulty_drivers/catalogue/entry.h"
#include "reports/json_writer.h"
#include "reports/output_folder.h"
#include "reports/portlab/tool_test.h"
#include "reports/sample_report.h"

namespace portlab {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class PortlabTest : public ToolTest {
 protected:
  void SetUp() override {
    ToolTest::SetUp();
    fs::create_directories(top_ / "bin");
    fs::copy_file(PORTLAB_TOOL, top_ / "bin/portlab");
    for (const CatalogueEntry& entry : Catalogue()) {
      if (!entry.driver.empty()) Script("drivers/plain/" + entry.driver + ".so", "");
      if (!entry.program.empty()) Script("programs/" + entry.program, "");
    }
    Script("bin/portlab-spawn-server", "");
    Script("bin/portlab-host-plain", "exit 0");
  }
  void Script(const std::string& file, const std::string& body) {
    Write(file, "#!/bin/sh\n" + body + "\n");
  }
  std::string Tool() const override { return top_ / "bin/portlab"; }
  std::string Out() const { return (top_ / "out").string(); }
  // What a quick run of one trial takes.
  std::vector<std::string> OneTrial() const {
    return {"report", "--out", Out(),       "--fault", "exit_zero",
            "--mode", "in_vm", "--flavour", "plain"};
  }
  static std::vector<std::string> Bridge(const std::string& flavour) {
    return {"bridge", "--flavour",    flavour,  "--node",           "n@test", "--node-creation",
            "1",      "--ports-node", "p@test", "--ports-creation", "2"};
  }
  fs::path Log() const { return top_ / "out/trials.partial.jsonl"; }
  // Waits until the log has that many trials.
  bool LogHas(int trials) {
    for (int i = 0; i < 500; ++i) {
      const std::string text = ReadWholeFile(Log()).value_or("");
      if (std::count(text.begin(), text.end(), '\n') > trials) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }

  // Runs one trial (with the trigger on, and off) with a host that hangs the second time; returns
  // how the tool ended of that signal.
  int RunUntilSecondTrialAnd(int signo) {
    Script("bin/portlab-host-plain",
           "echo x >> $RAN\n[ \"$HANGS_AT\" = $(wc -l < $RAN) ] && exec sleep 100\nexit 0");
    ::setenv("RAN", (top_ / "first").c_str(), 1);
    ::setenv("HANGS_AT", "2", 1);
    const pid_t tool = Start(OneTrial());
    EXPECT_TRUE(LogHas(1));
    ::kill(tool, signo);
    return Wait(tool).status;
  }
  // The same host, which does not hang now and leaves a line for each trial in the file "second".
  Ended RunCounting(const std::vector<std::string>& args) {
    ::setenv("RAN", (top_ / "second").c_str(), 1);
    ::setenv("HANGS_AT", "never", 1);
    return Run(args);
  }
};

TEST_F(PortlabTest, VersionAndHelp) {
  EXPECT_EQ(Run({"--version"}).out, "portlab " PORTLAB_TEST_VERSION "\n");
  const Ended help = Run({"report", "--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.out, HasSubstr("--fault"));
}

TEST_F(PortlabTest, ListHasEveryEntry) {
  const Ended table = Run({"list"});
  EXPECT_EQ(table.status, 0);
  const auto json = ParseJson(Run({"list", "--json"}).out);
  ASSERT_TRUE(json);
  ASSERT_EQ(json->size(), Catalogue().size());
  for (const CatalogueEntry& entry : Catalogue()) {
    EXPECT_THAT(table.out, HasSubstr(entry.name));
    const Expectation& shown =
        HasMode(entry, IsolationMode::kInVm) ? entry.in_vm : entry.program_mode;
    EXPECT_THAT(table.out, HasSubstr(shown.plain.at(0)));
  }
}

TEST_F(PortlabTest, BadCommandLinesAreUsageErrorsOfOneKind) {
  const std::vector<std::vector<std::string>> lines = {
      {},
      {"nonsense"},
      {"report", "--nonsense"},
      {"report", "--mode", "sideways"},
      {"report", "--flavour", "vanilla"},
      {"report", "--patience-ms", "soon"},
      {"report", "--patience-ms", "-1"},
      {"report", "--from", "x", "--fault", "abort"},
      {"report", "--from", "/no/such/file"},
      {"report", "--from", "/"},
      {"bridge"},
      Bridge("guarded")};
  for (const auto& line : lines) {
    const Ended ended = Run(line);
    EXPECT_EQ(ended.status, 2) << testing::PrintToString(line);
    EXPECT_THAT(ended.err, HasSubstr("portlab: ")) << testing::PrintToString(line);
    EXPECT_THAT(ended.out, IsEmpty());
  }
}

TEST_F(PortlabTest, UnknownCommandListsTheCommands) {
  const Ended ended = Run({"rapport", "--out", Out()});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("unknown command 'rapport'; there are: "));
  EXPECT_THAT(ended.err, HasSubstr("report, "));
}

TEST_F(PortlabTest, UnknownFaultListsTheNames) {
  const Ended ended = Run({"report", "--fault", "nul_write", "--out", Out()});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("unknown fault 'nul_write'; there are: "));
  EXPECT_THAT(ended.err, HasSubstr("null_write"));
  EXPECT_FALSE(fs::exists(Out()));
}

TEST_F(PortlabTest, UnusableFolderIsFoundBeforeTheTrials) {
  Script("bin/portlab-host-plain", "touch " + (top_ / "was-run").string());
  for (const std::string& out : {(top_ / "stdout").string(), std::string("/proc/no/such")}) {
    const Ended ended = Run({"report", "--out", out});
    EXPECT_EQ(ended.status, 2) << out;
    EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr(out.substr(0, 6)));
  }
  EXPECT_FALSE(fs::exists(top_ / "was-run"));
}

TEST_F(PortlabTest, MissingFilesAreNamedWithTheRemedy) {
  fs::remove(top_ / "drivers/plain/abort_in_control_drv.so");
  fs::remove(top_ / "bin/portlab-host-plain");
  const Ended ended = Run({"report", "--out", Out()});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.err, HasSubstr("portlab-host-plain is missing"));
  EXPECT_THAT(ended.err, HasSubstr("./lab build"));
  EXPECT_FALSE(fs::exists(Out()));
  const Ended asan = Run({"report", "--flavour", "asan", "--out", Out()});
  EXPECT_EQ(asan.status, 3);
}

// A host that ends at once is what exit_zero has to do with the trigger on, and nothing else may.
TEST_F(PortlabTest, UnmetExpectationIsExitStatusOneAndStillAReport) {
  const Ended ended = Run(OneTrial());
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("NO"));
  EXPECT_THAT(ended.out, HasSubstr(Out() + "/report.html\n"));
  const auto report = ReadReport(ReadWholeFile(Out() + "/report.json").value_or(""));
  ASSERT_TRUE(report);
  ASSERT_EQ(report->trials.size(), 2u);
  EXPECT_FALSE(report->trials[1].met);
  EXPECT_FALSE(fs::exists(Log()));
  EXPECT_FALSE(report->cost);
}

TEST_F(PortlabTest, HostThatIsNotBuiltIsSaidAndNoFailure) {
  const Ended ended = Run({"report", "--out", Out(), "--fault", "exit_zero", "--mode", "in_vm"});
  EXPECT_THAT(ended.out, testing::ContainsRegex("all.* asan +not built"));
  const auto report = ReadReport(ReadWholeFile(Out() + "/report.json").value_or(""));
  ASSERT_TRUE(report);
  EXPECT_EQ(report->trials.size(), 4u) << "in the plain and in the guarded host";
}

TEST_F(PortlabTest, RenderingAgainGivesTheSameFiles) {
  const std::string json = JsonText(ReportToJson(SampleReport())) + "\n";
  std::ofstream(top_ / "sample.json") << json;
  const Ended ended = Run({"report", "--from", top_ / "sample.json", "--out", Out()});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(*ReadWholeFile(Out() + "/report.json"), json);
  const std::string html = *ReadWholeFile(Out() + "/report.html");
  EXPECT_EQ(Run({"report", "--from", Out() + "/report.json", "--out", Out()}).status, 0);
  EXPECT_EQ(*ReadWholeFile(Out() + "/report.html"), html);
  EXPECT_EQ(*ReadWholeFile(Out() + "/report.json"), json);
}

TEST_F(PortlabTest, WhatIsNotAReportIsRefused) {
  std::ofstream(top_ / "x.json") << "{}";
  const Ended ended = Run({"report", "--from", top_ / "x.json", "--out", Out()});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("not a report"));
  EXPECT_FALSE(fs::exists(Out()));
}

TEST_F(PortlabTest, CtrlCEndsTheChildAndLeavesNothing) {
  const std::string pid_file = top_ / "pid";
  Script("bin/portlab-host-plain", "echo $$ > " + pid_file + "\nexec sleep 100");
  const pid_t tool = Start({"report", "--out", Out() + "/deep/er"});
  std::string host;
  for (int i = 0; i < 500 && host.empty(); ++i) {
    host = ReadWholeFile(pid_file).value_or("");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ASSERT_FALSE(host.empty());
  ::kill(tool, SIGINT);
  const Ended ended = Wait(tool);
  EXPECT_EQ(ended.status, 130);
  EXPECT_EQ(::kill(static_cast<pid_t>(std::stol(host)), 0), -1);
  EXPECT_FALSE(fs::exists(Out()));
}

TEST_F(PortlabTest, KilledRunIsResumed) {
  EXPECT_EQ(RunUntilSecondTrialAnd(SIGKILL), 128 + SIGKILL);
  ASSERT_TRUE(fs::exists(Log()));
  std::vector<std::string> again = OneTrial();
  again.push_back("--resume");
  const Ended ended = RunCounting(again);
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("going on after 1 finished trials"));
  EXPECT_EQ(*ReadWholeFile(top_ / "second"), "x\n");
  EXPECT_FALSE(fs::exists(Log()));
}

TEST_F(PortlabTest, TerminatedRunKeepsWhatIsFinishedAndANewRunDoesNotUseIt) {
  EXPECT_EQ(RunUntilSecondTrialAnd(SIGTERM), 128 + SIGTERM);
  ASSERT_TRUE(fs::exists(Log()));
  const Ended ended = RunCounting(OneTrial());
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_EQ(*ReadWholeFile(top_ / "second"), "x\nx\n");
  EXPECT_FALSE(fs::exists(Log()));
}

TEST_F(PortlabTest, FullDiskBehindStdoutIsNoSuccess) {
  const Ended ended = Wait(Start({"list"}, "/dev/full"));
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr("cannot write to stdout"));
}

#ifdef PORTLAB_TEST_REAL_HOST
TEST_F(PortlabTest, BridgeHandsOnWholeFramesAndTellsHowItsHostEnded) {
  Script("bin/portlab-host-plain",
         "printf '\\0\\0\\0\\003abc\\0\\0\\0\\011half' >&4; echo why >&2; kill -ABRT $$");
  const Ended ended = Run(Bridge("plain"));
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(ended.out.starts_with(std::string("\0\0\0\3abc\0", 8))) << ended.out;
  EXPECT_THAT(ended.out, Not(HasSubstr("half")));
  for (const char* word : {"host_down", "signal:SIGABRT", "killed by SIGABRT", "why"}) {
    EXPECT_THAT(ended.out, HasSubstr(word));
  }
  EXPECT_THAT(ended.err, HasSubstr("why"));
}

TEST_F(PortlabTest, BridgeWithoutItsHostNamesTheRemedy) {
  const Ended ended = Run(Bridge("tsan"));
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.out, HasSubstr("no_host"));
  EXPECT_THAT(ended.err, HasSubstr("-DPORTLAB_HOST_FLAVOURS=tsan"));
}

// The host ignores that its node is gone.
TEST_F(PortlabTest, BridgeEndsAHostThatOutlivesTheNode) {
  Script("bin/portlab-host-plain", "echo $$ > " + (top_ / "pid").string() + "; exec sleep 1000");
  std::string line = "sleep 0.5 | exec " + (top_ / "bin/portlab").string();
  for (const std::string& word : Bridge("plain")) line += " " + word;
  const Ended ended = Wait(Start({"-c", line}, "", "/bin/sh"));
  EXPECT_EQ(ended.status, 0) << ended.err;
  std::ifstream file(top_ / "pid");
  pid_t host = 0;
  ASSERT_TRUE(file >> host);
  EXPECT_NE(::kill(host, 0), 0) << "the host still runs";
}

TEST_F(PortlabTest, RealHostDoesWhatTheCatalogueSays) {
  std::vector<std::string> args = OneTrial();
  for (const char* more : {"--patience-ms", "500"}) args.push_back(more);
  const Ended ended = Wait(Start(args, "", PORTLAB_TOOL));
  EXPECT_EQ(ended.status, 0) << ended.err << ended.out;
  EXPECT_THAT(ended.out, HasSubstr("host_down:exit:0"));
}
#endif

}  // namespace
}  // namespace portlab
