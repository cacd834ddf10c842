#include "launch/spawn_protocol.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace portlab {
namespace {

ProgramSpec Everything() {
  ProgramSpec program;
  program.file = "/bin/sh";
  program.args = {"-c", "", "a b"};
  program.arg0 = "zero";
  program.environment = {"A=1", "B="};
  program.directory = "/tmp";
  program.use_stdio = false;
  program.stderr_to_stdout = true;
  program.read = false;
  program.separate_errors = true;
  program.contained = true;
  program.grace_ms = 77;
  program.limits = {{{7, 1}, {9, UINT64_MAX}},      1000, std::nullopt, -5, 022,
                    CgroupLimits{std::nullopt, 17}, true};
  return program;
}

TEST(SpawnProtocolTest, StartSurvivesTheWire) {
  const auto decoded = DecodeStart(EncodeStart(Everything()).value());
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->file, "/bin/sh");
  EXPECT_EQ(decoded->args, (std::vector<std::string>{"-c", "", "a b"}));
  EXPECT_EQ(decoded->arg0, "zero");
  EXPECT_EQ(decoded->environment, (std::vector<std::string>{"A=1", "B="}));
  EXPECT_EQ(decoded->directory, "/tmp");
  EXPECT_FALSE(decoded->use_stdio);
  EXPECT_TRUE(decoded->stderr_to_stdout);
  EXPECT_FALSE(decoded->read);
  EXPECT_TRUE(decoded->write);
  EXPECT_TRUE(decoded->separate_errors);
  EXPECT_FALSE(decoded->terminal.has_value());
  EXPECT_TRUE(decoded->contained);
  EXPECT_EQ(decoded->grace_ms, 77u);
  EXPECT_EQ(decoded->limits, Everything().limits);
}

TEST(SpawnProtocolTest, EveryTruncationIsRefused) {
  const std::string start = EncodeStart(Everything()).value();
  for (std::size_t size = 0; size < start.size(); ++size) {
    EXPECT_FALSE(DecodeStart(std::string_view(start).substr(0, size))) << size;
  }
  EXPECT_FALSE(DecodeStart(start + "x"));
  const std::string signal = EncodeSignal({12, 15});
  for (std::size_t size = 0; size < signal.size(); ++size) {
    EXPECT_FALSE(DecodeSignal(std::string_view(signal).substr(0, size))) << size;
  }
  EXPECT_EQ(DecodeSignal(signal)->pid, 12);
  EXPECT_EQ(DecodeSignal(signal)->signo, 15);
  EXPECT_FALSE(DecodeStart(signal));
  EXPECT_FALSE(DecodeSignal(start));
}

TEST(SpawnProtocolTest, NulAndTooMuchAreRefused) {
  ProgramSpec program = Everything();
  program.args.push_back(std::string("a\0b", 3));
  EXPECT_EQ(EncodeStart(program).error().error_number, EINVAL);
  program = Everything();
  program.args.emplace_back(kMaxSpawnFrame, 'x');
  EXPECT_EQ(EncodeStart(program).error().error_number, E2BIG);
}

}  // namespace
}  // namespace portlab
