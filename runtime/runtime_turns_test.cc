// Who runs when: what a port's turn and a process's turn may use up, and what {parallelism,true}
// leaves to the schedulers. One scheduler thread, so that orders are orders of turns.
#include <gtest/gtest.h>

#include "bif/port_command.h"
#include "bif/port_control.h"
#include "bif/port_send.h"
#include "portlab/runtime.h"
#include "term/iodata.h"

namespace portlab {
namespace {

// Of timeslice_drv.
constexpr std::uint32_t kWholeSlice = 100;
constexpr std::uint32_t kTakeLog = 101;

class TurnsTest : public testing::Test {
 protected:
  TurnsTest() : runtime_(Options()), self_(runtime_.processes()) {
    EXPECT_TRUE(runtime_.ddll().LoadDriverFile(PORTLAB_DRIVERS "/timeslice_drv.so").has_value());
  }
  static RuntimeOptions Options() {
    RuntimeOptions options;
    options.limits.scheduler_threads = 1;
    options.limits.message_queue_busy_high_bytes = 1 << 20;
    options.spawn_server = PORTLAB_SPAWN_SERVER_PATH;
    return options;
  }
  PortId Open(std::string_view options) {
    auto port = runtime_.OpenPort(*self_, "{spawn_driver,\"timeslice_drv\"}", options);
    EXPECT_TRUE(port.has_value()) << port.error().ToString();
    return port.value_or(PortId{});
  }
  // What the ports were sent, in the order in which they were served.
  std::string Log(PortId port) {
    const auto log = runtime_.PortControl(*self_, port, kTakeLog, {});
    return log ? FlattenIodata(*log).value_or("") : log.error().ToString();
  }
  // Runs `body` on the scheduler, and waits for its end.
  void OnTheScheduler(const BodyFunction& body) {
    const std::shared_ptr<Process> process = runtime_.processes().Spawn(body);
    while (process->alive()) std::this_thread::yield();
  }
  Term CommandFrom(std::string_view letter) {
    return Term::Tuple(
        {Term::Of(self_->pid()), Term::Tuple({Term::Atom("command"), Term::Binary(letter)})});
  }

  Runtime runtime_;
  ThreadProcess self_;
};

TEST_F(TurnsTest, AnotherPortIsServedWhenAPortsTurnIsUsedUp) {
  const PortId many = Open("[binary,{parallelism,true}]");
  const PortId one = Open("[binary,{parallelism,true}]");
  const PortId log = Open("[binary]");
  OnTheScheduler([&](Process& self) -> Body {
    for (int i = 0; i < 30; ++i) SendToPort(self, many, CommandFrom("m"));
    SendToPort(self, one, CommandFrom("o"));
    co_return;
  });
  // A signal later than all of them.
  ASSERT_TRUE(runtime_.PortControl(*self_, many, 0, {}).has_value());
  // 1000 + 13 * 240 is the first to reach 4000.
  EXPECT_EQ(Log(log), std::string(13, 'm') + "o" + std::string(17, 'm'));
}

TEST_F(TurnsTest, WhatADriverSaysItUsedUpEndsItsTurn) {
  const PortId many = Open("[binary,{parallelism,true}]");
  const PortId one = Open("[binary,{parallelism,true}]");
  const PortId log = Open("[binary]");
  OnTheScheduler([&](Process& self) -> Body {
    for (const char* letter : {"m", "M", "M", "m"}) SendToPort(self, many, CommandFrom(letter));
    for (const char* letter : {"O", "o"}) SendToPort(self, one, CommandFrom(letter));
    co_return;
  });
  ASSERT_TRUE(runtime_.PortControl(*self_, many, 0, {}).has_value());
  ASSERT_TRUE(runtime_.PortControl(*self_, one, 0, {}).has_value());
  EXPECT_EQ(Log(log), "mMOMom");
}

TEST_F(TurnsTest, AProcessThatHasUsedUpItsTurnLetsAnotherRun) {
  const PortId port = Open("[binary]");
  const auto busy = [&](std::string_view letter, std::uint32_t percent) {
    return [=](Process& self) -> Body {
      for (int i = 0; i < 3; ++i) {
        co_await self.Until(PortCommand(self, port, Term::Binary(letter), {}));
        if (percent != 0) co_await self.Until(PortControl(self, port, percent, {}));
      }
    };
  };
  // The two are made runnable by one that runs: neither begins before both are there.
  const auto both = [&](std::uint32_t percent) {
    OnTheScheduler([&, percent](Process& self) -> Body {
      const Pid first = runtime_.processes().Spawn(busy("a", percent))->pid();
      const Pid second = runtime_.processes().Spawn(busy("b", percent))->pid();
      for (const Pid pid : {first, second}) {
        while (runtime_.processes().Find(pid) != nullptr) {
          co_await self.Receive({}, MonotonicNow() + kMillisecond);
        }
      }
    });
    return Log(port);
  };
  EXPECT_EQ(both(kWholeSlice), "ababab");
  EXPECT_EQ(both(0), "aaabbb");
}

TEST_F(TurnsTest, WithParallelismAMessageIsLeftToTheScheduler) {
  const PortId log = Open("[binary]");
  for (const bool parallel : {false, true}) {
    const PortId port = Open(parallel ? "[binary,{parallelism,true}]" : "[binary]");
    OnTheScheduler([&](Process& self) -> Body {
      SendToPort(self, port, CommandFrom("x"));
      // The scheduler is here.
      const auto served = *co_await self.Until(PortControl(self, log, kTakeLog, {}));
      EXPECT_EQ(FlattenIodata(*served), parallel ? "" : "x");
    });
    ASSERT_TRUE(runtime_.PortControl(*self_, port, 0, {}).has_value());
    EXPECT_EQ(Log(log), parallel ? "x" : "");
  }
}

TEST_F(TurnsTest, AThreadHasNoTurnThatEnds) {
  const PortId port = Open("[binary]");
  for (int i = 0; i < 3; ++i) {
    const auto is_over = runtime_.PortControl(*self_, port, kWholeSlice - 1, {});
    ASSERT_TRUE(is_over.has_value());
    EXPECT_EQ(FlattenIodata(*is_over), std::string(1, 0));
  }
}

}  // namespace
}  // namespace portlab
