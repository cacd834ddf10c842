// A driver that does everything at once (harness/crowd_drv.c), and its broken twins: what is wrong
// with those must be found, by the sanitizer in force or by the counts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/sanitizer.h"
#include "launch/supervised_child.h"

namespace portlab {
namespace {

using testing::HasSubstr;

constexpr int kReported = 66;  // what a sanitizer of these runs exits with

// Runs a crowd of the driver in a process of its own.
SupervisedEnd Crowd(const std::string& driver, int seed, int rounds, const char* more = "") {
  SupervisedSpec spec;
  spec.file = PORTLAB_CROWD_PROGRAM;
  spec.args = {"--seed", std::to_string(seed), "--rounds", std::to_string(rounds),
               PORTLAB_DRIVERS "/" + driver + ".so"};
  const std::string options = "exitcode=" + std::to_string(kReported) + more;
  spec.environment = {"ASAN_OPTIONS=" + options + ":detect_stack_use_after_return=1",
                      "LSAN_OPTIONS=" + options,
                      "TSAN_OPTIONS=" + options + ":halt_on_error=1:second_deadlock_stack=1"};
  spec.time_limit = 250'000 * kMillisecond;
  return *RunSupervised(spec, {});
}

TEST(CrowdTest, EverythingAtOnceAddsUp) {
  const int seeds = std::getenv("PORTLAB_LONG") != nullptr ? 10 : 2;
  for (int seed = 1; seed <= seeds; ++seed) {
    const SupervisedEnd end = Crowd("crowd_drv", seed, 400);
    ASSERT_TRUE(end.status.exited(0)) << end.status.ToString() << "\n"
                                      << end.stdout_text << end.stderr_tail;
    EXPECT_THAT(end.stdout_text, HasSubstr("ports 401"));
    if (seed == 1) std::printf("%s", end.stdout_text.c_str());
  }
}

// Each thing the twin keeps is found by its own count.
TEST(CrowdTest, WhatATwinKeepsIsCounted) {
  const SupervisedEnd end = Crowd("crowd_keeps_drv", 1, 100, ":detect_leaks=0");
  EXPECT_TRUE(end.status.exited(1)) << end.status.ToString() << end.stderr_tail;
  for (const char* what :
       {"BROKEN: port data locks with another count than the driver's: expected 0, is 1",
        "BROKEN: binaries that somebody still counts on: expected 0, is 1",
        "BROKEN: jobs that came back or were freed", "BROKEN: blocks of driver_alloc",
        "BROKEN: binaries: "}) {
    EXPECT_THAT(end.stdout_text, HasSubstr(what));
  }
}

#if defined(PORTLAB_TSAN)
TEST(CrowdTest, ATwinWithoutThePortDataLockIsReported) {
  const SupervisedEnd end = Crowd("crowd_races_drv", 1, 400);
  EXPECT_TRUE(end.status.exited(kReported)) << end.status.ToString() << end.stdout_text;
  EXPECT_THAT(end.stderr_tail, HasSubstr("data race"));
  EXPECT_THAT(end.stderr_tail, HasSubstr("touch"));
}
#endif

#if defined(PORTLAB_ASAN)
TEST(CrowdTest, ATwinThatFreesABinaryTwiceIsReported) {
  const SupervisedEnd end = Crowd("crowd_frees_twice_drv", 1, 400);
  EXPECT_TRUE(end.status.exited(kReported)) << end.status.ToString() << end.stdout_text;
  EXPECT_THAT(end.stderr_tail, HasSubstr("heap-use-after-free"));
  EXPECT_THAT(end.stderr_tail, HasSubstr("finish_job"));
}
#endif

}  // namespace
}  // namespace portlab
