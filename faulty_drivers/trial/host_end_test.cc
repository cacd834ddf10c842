#include "faulty_drivers/trial/host_end.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "base/black_box.h"
#include "faulty_drivers/trial/host_command.h"
#include "faulty_drivers/trial/sanitizer_log.h"

namespace portlab {
namespace {

constexpr int RawExit(int code) { return code << 8; }

constexpr const char* kAsanSegv =
    "some output\n"
    "==12==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000000 (pc 0x1 bp 0x2 sp 0x3 "
    "T0)\n"
    "    #0 0x1 in control null_write_in_control_drv.c:11\n"
    "SUMMARY: AddressSanitizer: SEGV null_write_in_control_drv.c:11 in control\n";
constexpr const char* kLeak =
    "==12==ERROR: LeakSanitizer: detected memory leaks\n\n"
    "Direct leak of 50331648 byte(s) in 48 object(s) allocated from:\n"
    "SUMMARY: AddressSanitizer: 50331648 byte(s) leaked in 48 allocation(s).\n";

SupervisedEnd Ended(int raw_status, std::string log = {}) {
  SupervisedEnd end;
  end.status = WaitStatus(raw_status);
  end.cause = end.status.exited() ? SupervisedEnd::kExited : SupervisedEnd::kSignaled;
  end.stderr_tail = std::move(log);
  return end;
}

LastWords Words(bool goodbye, TrialPhase phase) {
  LastWords words;
  words.goodbye = goodbye;
  words.phase = phase;
  return words;
}

std::string KeyOf(const SupervisedEnd& end, bool goodbye, std::optional<Outcome> reported = {}) {
  const auto phase = goodbye ? TrialPhase::kReported : TrialPhase::kTriggered;
  const Result<Outcome> outcome = JudgeHostEnd(end, Words(goodbye, phase), std::move(reported), 7);
  return outcome ? outcome->key : "error: " + outcome.error().ToString();
}

Outcome Reported(std::string key) {
  Outcome outcome;
  outcome.verdict = key == "clean" ? Verdict::kClean : Verdict::kDegraded;
  outcome.key = std::move(key);
  return outcome;
}

TEST(JudgeHostEndTest, SignalIsNamed) {
  EXPECT_EQ(KeyOf(Ended(SIGSEGV), false), "host_down:signal:SIGSEGV");
  EXPECT_EQ(KeyOf(Ended(SIGABRT), false), "host_down:signal:SIGABRT");
}

TEST(JudgeHostEndTest, ExitZeroWithoutGoodbyeIsHostDown) {
  const auto outcome = JudgeHostEnd(Ended(RawExit(0)), Words(false, TrialPhase::kTriggered), {}, 7);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->verdict, Verdict::kHostDown);
  EXPECT_EQ(outcome->key, "host_down:exit:0");
  EXPECT_EQ(outcome->how_host_ended, "exited 0 without a goodbye");
  EXPECT_EQ(outcome->port_count_after, -1);
  EXPECT_EQ(outcome->detection_ms, 7);
}

TEST(JudgeHostEndTest, GoodbyeLeavesTheHostsOwnResult) {
  EXPECT_EQ(KeyOf(Ended(RawExit(0)), true, Reported("degraded:flood")), "degraded:flood");
}

TEST(JudgeHostEndTest, EndAfterTheGoodbyeStillCounts) {
  EXPECT_EQ(KeyOf(Ended(SIGSEGV), true, Reported("clean")), "host_down:signal:SIGSEGV");
  EXPECT_EQ(KeyOf(Ended(RawExit(5)), true, Reported("clean")), "host_down:exit:5");
}

TEST(JudgeHostEndTest, SanitizerReportNamesItsType) {
  const auto outcome = JudgeHostEnd(Ended(RawExit(kExitSanitizer), kAsanSegv),
                                    Words(false, TrialPhase::kTriggered), {}, 7);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->key, "host_down:sanitizer:SEGV");
  EXPECT_TRUE(outcome->sanitizer_report.starts_with("==12==ERROR"));
}

TEST(JudgeHostEndTest, ExitNinetySevenWithoutReportIsAnExit) {
  EXPECT_EQ(KeyOf(Ended(RawExit(kExitSanitizer)), false), "host_down:exit:97");
}

TEST(JudgeHostEndTest, LeakFoundAtTheEndComesBeforeMemoryAndAfterStuck) {
  const SupervisedEnd end = Ended(RawExit(kExitSanitizer), kLeak);
  EXPECT_EQ(KeyOf(end, true, Reported("degraded:memory")), "degraded:leak:LeakSanitizer");
  EXPECT_EQ(KeyOf(end, true, Reported("clean")), "degraded:leak:LeakSanitizer");
  EXPECT_EQ(KeyOf(end, true, Reported("degraded:stuck")), "degraded:stuck");
}

TEST(JudgeHostEndTest, ContractStopSaysWhy) {
  LastWords words = Words(false, TrialPhase::kTriggered);
  words.message = "driver_deq of more than is queued";
  const auto outcome = JudgeHostEnd(Ended(RawExit(kExitContract)), words, {}, 7);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->key, "host_down:contract");
  EXPECT_NE(outcome->what.find(words.message), std::string::npos);
}

TEST(JudgeHostEndTest, GuardReportNamesItsKind) {
  LastWords words = Words(false, TrialPhase::kTriggered);
  words.message = "guard:use-after-free: write at offset 3 of the 100-byte block";
  const auto key = [&](int raw_status) {
    return JudgeHostEnd(Ended(raw_status), words, {}, 7)->key;
  };
  EXPECT_EQ(key(SIGSEGV), "host_down:guard:use-after-free");
  EXPECT_EQ(key(RawExit(0)), "host_down:exit:0");
  words.message = "guard:double-free: of the 8-byte block";
  EXPECT_EQ(key(SIGABRT), "host_down:guard:double-free");
  const auto outcome = JudgeHostEnd(Ended(SIGABRT), words, {}, 7);
  EXPECT_NE(outcome->what.find("of the 8-byte block"), std::string::npos) << outcome->what;
  EXPECT_NE(outcome->how_host_ended.find("SIGABRT"), std::string::npos) << "the status is truthful";
  words.message = "something else";
  EXPECT_EQ(key(SIGABRT), "host_down:signal:SIGABRT");
}

TEST(JudgeHostEndTest, TimeLimitIsHung) {
  SupervisedEnd end = Ended(SIGKILL);
  end.cause = SupervisedEnd::kTimeLimit;
  EXPECT_EQ(KeyOf(end, false), "host_down:hung");
}

TEST(JudgeHostEndTest, RefusalIsAnErrorWithTheHostsLine) {
  const SupervisedEnd end = Ended(RawExit(kExitBadInput), "portlab-host: x.so: no such file\n");
  const auto outcome = JudgeHostEnd(end, Words(false, TrialPhase::kRefused), {}, -1);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().detail, "x.so: no such file");
}

TEST(JudgeHostEndTest, DriverThatExitsWithTheRefusalsStatusIsNoRefusal) {
  EXPECT_EQ(KeyOf(Ended(RawExit(kExitBadInput)), false), "host_down:exit:2");
}

TEST(JudgeHostEndTest, GoodbyeWithoutResultIsAnError) {
  const auto outcome =
      JudgeHostEnd(Ended(RawExit(0)), Words(true, TrialPhase::kClosed), std::nullopt, 7);
  EXPECT_FALSE(outcome);
}

TEST(JudgeHostEndTest, ResultThatWentNowhereIsLostDescriptors) {
  const auto outcome =
      JudgeHostEnd(Ended(RawExit(0)), Words(true, TrialPhase::kReported), std::nullopt, 7);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->key, "degraded:fds");
  EXPECT_EQ(outcome->verdict, Verdict::kDegraded);
  EXPECT_EQ(outcome->port_count_after, -1);
}

TEST(SanitizerLogTest, FirstReportIsTaken) {
  const SanitizerReport report = ParseSanitizerLog(std::string(kAsanSegv) + kLeak);
  EXPECT_EQ(report.tool, "AddressSanitizer");
  EXPECT_EQ(report.type, "SEGV");
}

TEST(SanitizerLogTest, TypeOfASentenceComesFromTheSummary) {
  const SanitizerReport report = ParseSanitizerLog(
      "==1==ERROR: AddressSanitizer: attempting double-free on 0x602000000010 in thread T0:\n"
      "SUMMARY: AddressSanitizer: double-free a.c:1 in f\n");
  EXPECT_EQ(report.type, "double-free");
}

TEST(SanitizerLogTest, UndefinedBehaviorIsRead) {
  const SanitizerReport report = ParseSanitizerLog(
      "a.c:1:2: runtime error: store to null pointer of type 'int'\n"
      "SUMMARY: UndefinedBehaviorSanitizer: null-pointer-use a.c:1:2\n");
  EXPECT_EQ(report.tool, "UndefinedBehaviorSanitizer");
  EXPECT_EQ(report.type, "null-pointer-use");
}

TEST(SanitizerLogTest, OtherTextIsNoReport) {
  EXPECT_TRUE(ParseSanitizerLog("AddressSanitizer is mentioned here\n").tool.empty());
  EXPECT_TRUE(ParseSanitizerLog("").tool.empty());
}

}  // namespace
}  // namespace portlab
