// Rules of the driver API that OTP does not enforce: a strict host stops with a report that names
// the rule, the callback, the port and the last API call; an OTP-like one goes on. The driver is
// runtime/testing/misuse_drv.c.
#include <gtest/gtest.h>

#include <string_view>

#include "base/black_box.h"
#include "portlab/runtime.h"

namespace portlab {
namespace {

enum Operation : std::uint32_t {
  kOverlongReply = 1,
  kWriteBehind,
  kFullReply,
  kRememberPort,
  kUseRememberedPort,
  kFailAndGoOn,
  kInAThread,
  kInAnEmergency
};

constexpr std::size_t kControlRoom = 64;
constexpr std::size_t kCallRoom = 255;
constexpr std::size_t kBinaryHead = 6;  // of an external term

struct Host {
  explicit Host(bool strict) : runtime(Options(strict)), self(runtime.processes()) {
    self->set_trap_exit(true);
    (void)runtime.ddll().LoadDriverFile(PORTLAB_DRIVERS "/misuse_drv.so");
    port = Open();
  }
  static RuntimeOptions Options(bool strict) {
    RuntimeOptions options;
    options.limits.scheduler_threads = 1;
    options.strict = strict;
    return options;
  }
  PortId Open() {
    return runtime.OpenPort(*self, "{spawn_driver,\"misuse_drv\"}", "[]").value_or(PortId{});
  }
  Result<Term> Control(Operation operation) { return ControlOf(port, operation); }
  Result<Term> ControlOf(PortId to, Operation operation) {
    return runtime.PortControl(*self, to, operation, {});
  }
  Result<Term> Call(Operation operation) {
    return runtime.PortCall(*self, port, operation, Term::Nil());
  }
  // Another port uses the first one, which is `closed` or still there.
  Result<Term> UseRemembered(bool closed) {
    (void)Control(kRememberPort);
    if (closed) (void)runtime.PortClose(*self, port);
    return ControlOf(Open(), kUseRememberedPort);
  }

  Runtime runtime;
  ThreadProcess self;
  PortId port;
};

class ContractDeathTest : public testing::Test {
 protected:
  // Hosts have threads: what dies is another process, which runs the test again.
  ContractDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
  const testing::ExitedWithCode stopped_{kExitContract};
};

TEST_F(ContractDeathTest, ReplySaidToBeLongerThanTheLentBufferStopsAStrictHost) {
  EXPECT_EXIT({ Host(true).Control(kOverlongReply); }, stopped_,
              "overlong-reply: control says its reply has 65 bytes.* of 64; in control of "
              "#Port<0\\.0>");
  EXPECT_EXIT({ Host(true).Call(kOverlongReply); }, stopped_,
              "overlong-reply: call says its reply has 256 bytes.* of 255; in call of #Port");
}

// One byte too many; a sanitizer sees the write itself.
TEST_F(ContractDeathTest, WriteBehindTheLentBufferStopsAStrictHost) {
  constexpr const char* kRule = "reply-buffer-overflow: .*behind the|heap-buffer-overflow";
  EXPECT_DEATH({ Host(true).Control(kWriteBehind); }, kRule);
  EXPECT_DEATH({ Host(true).Call(kWriteBehind); }, kRule);
}

TEST_F(ContractDeathTest, CallsForAPortOutsideItsCallbacksStopAStrictHost) {
  EXPECT_EXIT({ Host(true).UseRemembered(true); }, stopped_,
              "call-after-stop: .*; in control of #Port.*, last API call driver_set_timer");
  EXPECT_EXIT({ Host(true).UseRemembered(false); }, stopped_,
              "call-outside-callback: .*, last API call driver_set_timer");
}

// Also static functions are named.
TEST_F(ContractDeathTest, TheReportHasTheDriversStack) {
  EXPECT_EXIT({ Host(true).UseRemembered(true); }, stopped_,
              "call-after-stop: .*stack: use_remembered \\(misuse_drv\\.so\\+0x[0-9a-f]+\\)\n"
              "portlab: stack: control \\(misuse_drv\\.so\\+0x[0-9a-f]+\\)\n");
  EXPECT_EXIT({ Host(true).Control(kInAThread); }, stopped_,
              "; outside callbacks, last API call driver_set_timer\n"
              "portlab: stack: in_a_thread \\(misuse_drv\\.so\\+0x[0-9a-f]+\\)\n");
}

// What a callback left behind is found when it is no longer on the stack.
TEST_F(ContractDeathTest, TheReportNamesTheCallbackThatHasReturned) {
  EXPECT_EXIT({ Host(true).Control(kOverlongReply); }, stopped_,
              "stack: control \\(misuse_drv\\.so\\+0x[0-9a-f]+\\), which has returned\n");
}

// As before OTP's crash dump; a breach in it does not stop the end.
TEST_F(ContractDeathTest, EveryPortIsClosedInAnEmergencyBeforeTheHostEnds) {
  constexpr const char* kTwice = "emergency_close\nmisuse_drv: emergency_close\n$";
  EXPECT_EXIT(
      {
        Host host(true);
        host.Open();
        host.Control(kOverlongReply);
      },
      stopped_, kTwice);
  EXPECT_EXIT({ Host(true).Control(kInAnEmergency); }, stopped_, "emergency_close\n$");
}

TEST(ContractTest, WhatIsNoBreachDoesNotStopAStrictHost) {
  Host host(true);
  const Result<Term> reply = host.Control(kFullReply);
  ASSERT_TRUE(reply) << reply.error().ToString();
  EXPECT_EQ(FlattenIodata(*reply).value_or("").size(), kControlRoom);
  const Result<Term> answer = host.Call(kFullReply);
  ASSERT_TRUE(answer) << answer.error().ToString();
  EXPECT_EQ(answer->binary().size(), kCallRoom - kBinaryHead);
  EXPECT_TRUE(host.Control(kFailAndGoOn));
}

TEST(ContractTest, AnOtpLikeHostGoesOn) {
  // AddressSanitizer would not let it.
  if (!std::string_view(PORTLAB_DRIVERS).ends_with("/asan")) {
    Host host(false);
    EXPECT_EQ(FlattenIodata(*host.Control(kOverlongReply)).value_or("").size(), kControlRoom + 1);
    EXPECT_EQ(FlattenIodata(*host.Control(kWriteBehind)).value_or("").size(), kControlRoom);
  }
  EXPECT_FALSE(Host(false).UseRemembered(true)) << "the API call must have failed";
}

}  // namespace
}  // namespace portlab
