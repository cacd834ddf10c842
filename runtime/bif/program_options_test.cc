#include "bif/program_options.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "bif/open_port_options.h"
#include "term/parse.h"

namespace portlab {
namespace {

Result<StartOptions> Parse(std::string_view options, std::string_view name = "{spawn,\"cat\"}") {
  return ParseOpenPort(*ParseTerm(name), *ParseTerm(options));
}

TEST(ProgramOptionsTest, AllAreOffByDefault) {
  EXPECT_EQ(Parse("[exit_status,{packet,4}]")->program, ProgramOptions());
}

TEST(ProgramOptionsTest, AllAreUnderstood) {
  const auto parsed = Parse(
      "[{packet,4},{exit_status,full},{stderr,separate},{signals,default},{window,10},"
      "{packet_max,11},{queue_max,12},{timeout,13},{idle_timeout,14},{start_timeout,15},{grace,0},"
      "{uid,16},{gid,17},{umask,18},{nice,-5},{rlimit,[{cpu,1},{nofile,20}]},"
      "{kill_at,[owner_exit,port_close]}]");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().ToString();
  ProgramOptions expected;
  expected.full_exit_status = expected.separate_errors = expected.contained = true;
  expected.end_at_close = expected.end_at_owner_exit = true;
  expected.window_bytes = 10;
  expected.packet_bytes_max = 11;
  expected.queue_bytes_max = 12;
  expected.timeout_ms = 13;
  expected.idle_timeout_ms = 14;
  expected.start_timeout_ms = 15;
  expected.grace_ms = 0;
  expected.limits = {{{RLIMIT_CPU, 1}, {RLIMIT_NOFILE, 20}}, 16, 17, -5, 18, std::nullopt, true};
  EXPECT_EQ(parsed->program, expected);
  EXPECT_EQ(Parse("[{pty,{3,4}}]")->program.terminal, (TerminalSize{3, 4}));
  EXPECT_EQ(Parse("[pty]")->program.terminal, TerminalSize());
  EXPECT_TRUE(Parse("[contained]")->program.contained);
}

TEST(ProgramOptionsTest, ACgroupHasLimitsAndIsContained) {
  const auto parsed = Parse("[{cgroup,[{memory_max,4096},{pids_max,3}]}]");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().ToString();
  EXPECT_EQ(parsed->program.limits.cgroup, (CgroupLimits{4096, 3}));
  EXPECT_TRUE(parsed->program.contained);
  EXPECT_EQ(Parse("[{cgroup,[]}]")->program.limits.cgroup, CgroupLimits{});
}

TEST(ProgramOptionsTest, WrongOnesAreBadoptAndSayWhatIsAllowed) {
  for (const char* wrong : {"[{exit_status,half}]",
                            "[{stderr,merged}]",
                            "[{signals,1}]",
                            "[{window,0}]",
                            "[{cgroup,1}]",
                            "[{cgroup,[{memory_max,-1}]}]",
                            "[{cgroup,[{cpu_max,1}]}]",
                            "[{window,-1}]",
                            "[{packet_max,9}]",
                            "[{queue_max,a}]",
                            "[{timeout,0}]",
                            "[{timeout,x}]",
                            "[{grace,-1}]",
                            "[{uid,-1}]",
                            "[{uid,4294967295}]",
                            "[{umask,512}]",
                            "[{nice,20}]",
                            "[{rlimit,[{foo,1}]}]",
                            "[{rlimit,[{cpu,-1}]}]",
                            "[{rlimit,cpu}]",
                            "[{kill_at,[never]}]",
                            "[{kill_at,owner_exit}]",
                            "[{pty,{1,65536}}]",
                            "[pty,in]",
                            "[pty,nouse_stdio]",
                            "[pty,stderr_to_stdout]",
                            "[{stderr,separate},stderr_to_stdout]"}) {
    const auto parsed = Parse(wrong);
    ASSERT_FALSE(parsed.has_value()) << wrong;
    EXPECT_EQ(parsed.error().type, ErrorType::kBadOpt) << wrong;
    EXPECT_FALSE(parsed.error().detail.empty()) << wrong;
  }
}

TEST(ProgramOptionsTest, OtherPortsTakeNone) {
  for (const char* name : {"{fd,0,1}", "file", "{spawn_driver,\"echo_drv\"}"}) {
    EXPECT_FALSE(Parse("[{nice,1}]", name).has_value()) << name;
  }
}

}  // namespace
}  // namespace portlab
