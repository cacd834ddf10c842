#include "faulty_drivers/trial/judge.h"

#include <gtest/gtest.h>

namespace portlab {
namespace {

Observations Quiet() {
  Observations seen;
  seen.answered = true;
  seen.bystanders = {{"echo port", true, 1.0}};
  return seen;
}

Outcome Judged(const Observations& seen) {
  Outcome outcome;
  Judge(seen, outcome);
  return outcome;
}

TEST(JudgeTest, AnsweringPortIsClean) {
  const Outcome outcome = Judged(Quiet());
  EXPECT_EQ(outcome.verdict, Verdict::kClean);
  EXPECT_EQ(outcome.key, "clean");
  EXPECT_EQ(outcome.port_ended, "nothing");
}

TEST(JudgeTest, ExitStatusIsContainedWithItsNumber) {
  Observations seen = Quiet();
  seen.answered = false;
  seen.port_ended = true;
  seen.exit_status = 139;
  seen.exit_reason = "normal";
  const Outcome outcome = Judged(seen);
  EXPECT_EQ(outcome.verdict, Verdict::kContained);
  EXPECT_EQ(outcome.key, "contained:exit_status:139");
  EXPECT_EQ(outcome.port_ended, "{exit_status,139}");
}

TEST(JudgeTest, PortClosedByTheHostIsContainedWithItsReason) {
  Observations seen = Quiet();
  seen.port_ended = true;
  seen.exit_reason = "output_limit";
  EXPECT_EQ(Judged(seen).key, "contained:closed:output_limit");
}

TEST(JudgeTest, SilenceIsUnresponsive) {
  Observations seen = Quiet();
  seen.answered = false;
  EXPECT_EQ(Judged(seen).key, "contained:unresponsive");
}

TEST(JudgeTest, GrownProgramIsContained) {
  Observations seen = Quiet();
  seen.program_growth_bytes = kRetainedMax;
  EXPECT_EQ(Judged(seen).key, "clean");
  seen.program_growth_bytes = kRetainedMax + 1;
  EXPECT_EQ(Judged(seen).key, "contained:closed");
}

TEST(JudgeTest, ProgramThatDidItsFaultAndWentOnIsContained) {
  Observations seen = Quiet();
  seen.fired_inside = true;
  EXPECT_EQ(Judged(seen).key, "contained:inside");
  EXPECT_EQ(Judged(seen).verdict, Verdict::kContained);
  seen.outlives_port = true;
  EXPECT_EQ(Judged(seen).key, "contained:outlives_port");
  seen.port_ended = true;
  seen.exit_status = 5;
  EXPECT_EQ(Judged(seen).key, "contained:exit_status:5");
}

TEST(JudgeTest, PortThatCannotBeClosedComesBeforeStuck) {
  Observations seen = Quiet();
  seen.owner_stuck = true;
  seen.port_lingers = true;
  EXPECT_EQ(Judged(seen).key, "degraded:ports");
}

TEST(JudgeTest, BoundsOfMemoryAndMailboxAreExact) {
  Observations seen = Quiet();
  seen.retained.memory_bytes = kRetainedMax;
  seen.mailbox_peak_bytes = kMailboxMax;
  EXPECT_EQ(Judged(seen).key, "clean");
  seen.mailbox_peak_bytes = kMailboxMax + 1;
  EXPECT_EQ(Judged(seen).key, "degraded:flood");
  seen.retained.memory_bytes = kRetainedMax + 1;
  EXPECT_EQ(Judged(seen).key, "degraded:memory");
}

TEST(JudgeTest, WhatTheHostKeepsIsNamed) {
  const std::pair<int Retained::*, const char*> kept[] = {
      {&Retained::fds, "degraded:fds"},
      {&Retained::threads, "degraded:threads"},
      {&Retained::port_count, "degraded:ports"},
      {&Retained::driver_blocks, "degraded:blocks"},
      {&Retained::binaries, "degraded:binaries"}};
  for (const auto& [count, key] : kept) {
    Observations seen = Quiet();
    seen.retained.*count = 1;
    EXPECT_EQ(Judged(seen).key, key);
    seen.retained.*count = -1;
    EXPECT_EQ(Judged(seen).key, key) << "lost, not kept";
  }
}

TEST(JudgeTest, SilentBystanderIsDegraded) {
  Observations seen = Quiet();
  seen.bystanders.push_back({"pipe port", false, 1500});
  const Outcome outcome = Judged(seen);
  EXPECT_EQ(outcome.key, "degraded:bystander");
  EXPECT_NE(outcome.what.find("pipe port"), std::string::npos);
}

TEST(JudgeTest, DriftIsNamedAndComesAfterCountsAndBeforeBystanders) {
  Observations seen = Quiet();
  seen.exit_status = 1;
  seen.bystanders.push_back({"pipe port", false, 1500});
  seen.drift = {{"umask", "the umask: from 0022 to 0777"}, {"timers", "more"}};
  const Outcome outcome = Judged(seen);
  EXPECT_EQ(outcome.key, "degraded:drift:umask");
  EXPECT_NE(outcome.what.find("from 0022 to 0777"), std::string::npos);
  seen.retained.threads = 1;
  EXPECT_EQ(Judged(seen).key, "degraded:threads");
}

TEST(JudgeTest, FirstCauseWins) {
  Observations seen = Quiet();
  seen.exit_status = 1;
  seen.bystanders.push_back({"pipe port", false, 1500});
  seen.retained.fds = 1;
  EXPECT_EQ(Judged(seen).key, "degraded:fds");
  seen.mailbox_peak_bytes = kMailboxMax + 1;
  EXPECT_EQ(Judged(seen).key, "degraded:flood");
  seen.retained.memory_bytes = kRetainedMax + 1;
  EXPECT_EQ(Judged(seen).key, "degraded:memory");
  seen.stuck_schedulers = 1;
  EXPECT_EQ(Judged(seen).key, "degraded:stuck");
}

}  // namespace
}  // namespace portlab
