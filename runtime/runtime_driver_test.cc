// What a driver's calls do to its port and its owner, seen from the owner: golden behaviours 81 to
// 90 of OTP, and the rest of the driver API that needs a running port. The driver is
// runtime/testing/probe_drv.c.
#include <gtest/gtest.h>

#include <string>

#include "base/ordered_thread.h"
#include "portlab/runtime.h"

namespace portlab {
namespace {

enum Operation : std::uint32_t {
  kFailAtom = 1,
  kFailPosix,
  kFail17,
  kFail0,
  kExit,
  kEof,
  kTimer,
  kBusy,
  kIdle,
  kAsync,
  kMonitorCaller,
  kEnqueue,
  kTerm,
  kPipe,
  kCreatePort,
  kReplyBinary,
  kTimerCancelled,
  kCaller,
  kDemonitor,
  kFailChild
};

class DriverTest : public testing::TestWithParam<bool> {
 protected:
  DriverTest() : runtime_(Options()), self_(runtime_.processes()) {
    self_->set_trap_exit(true);
    auto loaded = runtime_.ddll().LoadDriverFile(PORTLAB_DRIVERS "/probe_drv.so");
    EXPECT_TRUE(loaded.has_value()) << loaded.error().ToString();
  }
  static RuntimeOptions Options() {
    RuntimeOptions options;
    options.limits.scheduler_threads = 2;
    if (GetParam()) options.baton_seed = 3;
    return options;
  }
  Result<PortId> Open(const std::string& word = "", std::string_view options = "[]") {
    auto port = runtime_.OpenPort(*self_, "{spawn_driver,\"probe_drv" + word + "\"}", options);
    port_ = port.value_or(PortId{});
    return port;
  }
  Result<Term> Do(Operation operation, std::string_view bytes = {}) {
    return runtime_.PortControl(*self_, port_, operation, AsBytes(bytes));
  }
  std::string Next(Nanos patience = 5000 * kMillisecond) {
    auto message = self_->ReceiveUntil(MonotonicNow() + patience);
    if (!message) return "nothing";
    std::string text = message->ToString();
    const std::string name = Term::Of(port_).ToString();
    for (std::size_t at; (at = text.find(name)) != std::string::npos;)
      text.replace(at, name.size(), "P");
    return text;
  }
  bool Gone() {
    for (int i = 0; i < 2000 && runtime_.port_count() != 0; ++i)
      self_->ReceiveUntil(MonotonicNow() + kMillisecond);
    return runtime_.port_count() == 0;
  }

  Runtime runtime_;
  ThreadProcess self_;
  PortId port_;
};

TEST_P(DriverTest, StartErrorsAreEinvalErrnoAndBadargAndKeepNothing) {
  EXPECT_EQ(Open(" general").error().Reason(), "einval");
  EXPECT_EQ(Open(" errno").error().Reason(), "enotty");
  EXPECT_EQ(Open(" badarg").error().Reason(), "badarg");
  EXPECT_EQ(Open(" fail").error().Reason(), "einval");
  EXPECT_EQ(runtime_.port_count(), 0u);
  EXPECT_EQ(runtime_.ddll().Info("probe_drv")->port_count, 0);
}

TEST_P(DriverTest, FailureReasonReachesTheOwner) {
  const std::pair<Operation, std::string> cases[] = {{kFailAtom, "foo"},
                                                     {kFailPosix, "epipe"},
                                                     {kFail17, "17"},
                                                     {kFail0, "normal"},
                                                     {kEof, "normal"}};
  for (const auto& [operation, reason] : cases) {
    ASSERT_TRUE(Open().has_value());
    Do(operation);
    EXPECT_EQ(Next(), "{'EXIT',P," + reason + "}");
    EXPECT_TRUE(Gone());
  }
}

TEST_P(DriverTest, DriverExitSendsTheOwnerNothing) {
  ASSERT_TRUE(Open().has_value());
  Do(kExit);
  EXPECT_EQ(Next(50 * kMillisecond), "nothing");
  EXPECT_TRUE(Gone());
}

TEST_P(DriverTest, EofOptionKeepsThePortAndCanComeTwice) {
  ASSERT_TRUE(Open("", "[eof]").has_value());
  Do(kEof);
  Do(kEof);
  EXPECT_EQ(Next(), "{P,eof}");
  EXPECT_EQ(Next(), "{P,eof}");
  EXPECT_EQ(runtime_.port_count(), 1u);
}

TEST_P(DriverTest, TimerFiresOnceAndNotWhenCancelled) {
  ASSERT_TRUE(Open().has_value());
  Do(kTimer);
  EXPECT_EQ(Next(), "{probe,timeout}");
  Do(kTimerCancelled);
  EXPECT_EQ(Next(50 * kMillisecond), "nothing");
}

TEST_P(DriverTest, BusyPortRefusesNosuspendAndServesAgainWhenIdle) {
  ASSERT_TRUE(Open().has_value());
  Do(kBusy);
  auto refused = runtime_.PortCommand(*self_, port_, Term::Binary("x"), {.nosuspend = true});
  ASSERT_TRUE(refused.has_value());
  EXPECT_FALSE(*refused);
  auto forced = runtime_.PortCommand(*self_, port_, Term::Binary("x"), {.force = true});
  EXPECT_EQ(forced.error().Reason(), "notsup");
  Do(kIdle);
  EXPECT_TRUE(*runtime_.PortCommand(*self_, port_, Term::Binary("x"), {.nosuspend = true}));
}

TEST_P(DriverTest, SuspendedSenderGoesOnWhenThePortIsIdleAgain) {
  ASSERT_TRUE(Open().has_value());
  Do(kBusy);
  const PortId port = port_;
  const Pid parent = self_->pid();
  OrderedThread sender("sender", [this, port, parent] {
    ThreadProcess me(runtime_.processes());
    const bool sent = runtime_.PortCommand(*me, port, Term::Binary("x")).value_or(false);
    runtime_.processes().Find(parent)->Deliver(Term::Bool(sent));
  });
  EXPECT_EQ(Next(50 * kMillisecond), "nothing");
  Do(kIdle);
  EXPECT_EQ(Next(), "true");
  sender.Join();
}

TEST_P(DriverTest, AsyncJobComesBackToThePort) {
  ASSERT_TRUE(Open().has_value());
  Do(kAsync);
  EXPECT_EQ(Next(), "{probe,async_done}");
}

TEST_P(DriverTest, MonitoredProcessExitReachesTheDriver) {
  ASSERT_TRUE(Open().has_value());
  const PortId port = port_;
  OrderedThread other("other", [this, port] {
    ThreadProcess me(runtime_.processes());
    runtime_.PortControl(*me, port, kMonitorCaller, {});
  });
  EXPECT_EQ(Next(), "{probe,monitored_exit}");
  other.Join();
}

TEST_P(DriverTest, ClosingPortIsFlushedBeforeItStops) {
  ASSERT_TRUE(Open().has_value());
  Do(kEnqueue, "queued bytes");
  EXPECT_TRUE(runtime_.PortClose(*self_, port_).has_value());
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
  EXPECT_EQ(runtime_.port_count(), 1u);  // closing: still in the table
  EXPECT_EQ(runtime_.PortCommand(*self_, port_, Term::Binary("x")).error().Reason(), "badarg");
  EXPECT_TRUE(Gone());
}

TEST_P(DriverTest, KillDoesNotFlush) {
  ASSERT_TRUE(Open().has_value());
  Do(kEnqueue, "queued bytes");
  runtime_.Exit(*self_, port_, Term::Atom("kill"));
  EXPECT_EQ(Next(), "{'EXIT',P,killed}");
  EXPECT_TRUE(Gone());
}

TEST_P(DriverTest, NothingHurriesAClosingPortButTheHost) {
  ASSERT_TRUE(Open().has_value());
  Do(kEnqueue, "queued bytes");
  EXPECT_TRUE(runtime_.PortClose(*self_, port_).has_value());
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
  runtime_.LinkPort(*self_, port_);
  EXPECT_EQ(Next(), "{'EXIT',P,noproc}");
  runtime_.Exit(*self_, port_, Term::Atom("kill"));
  runtime_.Send(*self_, port_, Term::Atom("nonsense"));  // no badsig
  EXPECT_EQ(runtime_.port_count(), 1u);
  runtime_.EndPort(*self_, port_);
  EXPECT_TRUE(Gone());
  EXPECT_EQ(Next(20 * kMillisecond), "nothing");
}

TEST_P(DriverTest, AnOwnerThatEndsWithKillDoesNotFlush) {
  PortId port;
  {
    ThreadProcess owner(runtime_.processes());
    port = *runtime_.OpenPort(*owner, "{spawn_driver,\"probe_drv\"}", "[]");
    (void)runtime_.PortControl(*owner, port, kEnqueue, AsBytes("queued bytes"));
    runtime_.MonitorPort(*self_, port);
    owner->Exit(Term::Atom("kill"));
  }
  port_ = port;
  EXPECT_NE(Next().find(",port,P,killed}"), std::string::npos);
}

TEST_P(DriverTest, LinkToNoPortIsAnErrorUnlessExitsAreTrapped) {
  ASSERT_TRUE(Open().has_value());
  (void)runtime_.PortClose(*self_, port_);
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
  EXPECT_TRUE(runtime_.LinkPort(*self_, port_).has_value());
  EXPECT_EQ(Next(), "{'EXIT',P,noproc}");
  self_->set_trap_exit(false);
  EXPECT_EQ(runtime_.LinkPort(*self_, port_).error().Reason(), "noproc");
}

TEST_P(DriverTest, OptionsDoNotCountInsideStart) {
  ASSERT_TRUE(Open(" output", "[binary,{line,4}]").has_value());
  EXPECT_EQ(Next(), "{P,{data,\"from start\"}}");
}

TEST_P(DriverTest, WhoIsRefusedIsNotToldOfWrongData) {
  ASSERT_TRUE(Open().has_value());
  Do(kBusy);
  const auto command = [&](CommandFlags flags) {
    return runtime_.PortCommand(*self_, port_, Term::Atom("wrong"), flags);
  };
  EXPECT_EQ(command({.nosuspend = true}), false);
  Do(kIdle);
  EXPECT_EQ(command({.nosuspend = true}).error().Reason(), "badarg");
}

TEST_P(DriverTest, TermProgramIsDelivered) {
  ASSERT_TRUE(Open().has_value());
  Do(kTerm);
  EXPECT_EQ(Next(), "{t,-9,0.5,\"str\",<<\"bin\">>,[],P}");
}

TEST_P(DriverTest, SelectedPipeIsReadAndClosed) {
  ASSERT_TRUE(Open("", "[binary]").has_value());
  Do(kPipe);
  EXPECT_EQ(Next(), "{P,{data,<<\"piped\">>}}");
  EXPECT_EQ(Next(), "{probe,pipe_closed}");
}

TEST_P(DriverTest, BinaryReplyHasTheBinarysOwnSize) {
  ASSERT_TRUE(Open().has_value());
  auto reply = Do(kReplyBinary);
  ASSERT_TRUE(reply.has_value());
  ASSERT_TRUE(reply->is(TermKind::kBinary));
  EXPECT_EQ(reply->binary().size(), 100u);
}

TEST_P(DriverTest, CallerIsWhoCalled) {
  ASSERT_TRUE(Open().has_value());
  EXPECT_EQ(Do(kCaller)->ToString(), "\"y\"");
}

TEST_P(DriverTest, APortADriverMakesIsLinkedToItsOwnerAndCounted) {
  ASSERT_TRUE(Open().has_value());
  const PortId creator = port_;
  Do(kCreatePort);
  EXPECT_EQ(runtime_.port_count(), 2u);
  EXPECT_EQ(runtime_.ddll().Info("probe_drv")->port_count, 2);
  for (const PortId port : runtime_.Ports()) {
    if (port != creator) port_ = port;
  }
  const std::string info = runtime_.PortInfo(*self_, port_).ToString();
  EXPECT_NE(info.find("{name,\"a child\"},{links,[" + Term::Of(self_->pid()).ToString() + "]}"),
            std::string::npos)
      << info;
  EXPECT_TRUE(runtime_.PortClose(*self_, port_).has_value());
  EXPECT_EQ(runtime_.port_count(), 1u);
}

// One lock for all ports: the callback of one may end another, whose slot must come back.
TEST_P(DriverTest, AnotherPortUnderTheSameLockMayBeEnded) {
  auto loaded = runtime_.ddll().LoadDriverFile(PORTLAB_DRIVERS "/probe_one_lock_drv.so");
  ASSERT_TRUE(loaded.has_value());
  port_ = *runtime_.OpenPort(*self_, "{spawn_driver,\"probe_one_lock_drv\"}", "[]");
  Do(kCreatePort);
  EXPECT_EQ(runtime_.port_count(), 2u);
  Do(kFailChild);
  const std::string message = Next();
  EXPECT_NE(message.find(",orphaned}"), std::string::npos) << message;
  EXPECT_EQ(runtime_.port_count(), 1u);
  EXPECT_EQ(runtime_.ddll().Info("probe_one_lock_drv")->port_count, 1);
}

INSTANTIATE_TEST_SUITE_P(Order, DriverTest, testing::Bool(),
                         [](const auto& run) { return run.param ? "Baton" : "Threads"; });

}  // namespace
}  // namespace portlab
