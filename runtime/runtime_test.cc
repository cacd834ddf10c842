// The runtime end to end, with the zoo's well-behaved echo driver and echo program.
#include "portlab/runtime.h"

#include <dirent.h>
#include <gtest/gtest.h>

#include <string>

#include "base/ordered_thread.h"

namespace portlab {
namespace {

const std::string kEchoDriver = PORTLAB_DRIVERS "/echo_drv.so";
const std::string kEchoProgram = PORTLAB_PROGRAMS "/echo_program";

int OpenFds() {
  int count = 0;
  DIR* dir = ::opendir("/proc/self/fd");
  while (::readdir(dir) != nullptr) ++count;
  ::closedir(dir);
  return count;
}

RuntimeOptions TestOptions() {
  RuntimeOptions options;
  options.limits.port_limit = 16;
  options.limits.scheduler_threads = 2;
  options.spawn_server = PORTLAB_SPAWN_SERVER_PATH;
  return options;
}

// Once with threads, once with the baton: the answers must be the same.
class RuntimeTest : public testing::TestWithParam<bool> {
 protected:
  RuntimeTest() : runtime_(Options()) {}
  static RuntimeOptions Options() {
    RuntimeOptions options = TestOptions();
    if (GetParam()) options.baton_seed = 7;
    return options;
  }
  // The next message, printed with the port as P.
  std::string Next(Process& self, PortId port) {
    auto message = self.ReceiveUntil(MonotonicNow() + 5000 * kMillisecond);
    if (!message) return "nothing";
    std::string text = message->ToString();
    const std::string name = Term::Of(port).ToString();
    for (std::size_t at; (at = text.find(name)) != std::string::npos;)
      text.replace(at, name.size(), "P");
    return text;
  }
  PortId OpenEcho(Process& self, std::string_view options = "[binary]") {
    EXPECT_TRUE(runtime_.ddll().LoadDriverFile(kEchoDriver).has_value());
    auto port = runtime_.OpenPort(self, "{spawn_driver,\"echo_drv\"}", options);
    EXPECT_TRUE(port.has_value()) << port.error().ToString();
    return port.value_or(PortId{});
  }
  std::string ProgramName() { return "{spawn_executable,\"" + kEchoProgram + "\"}"; }

  Runtime runtime_;
};

TEST_P(RuntimeTest, CommandComesBackAsMessage) {
  ThreadProcess self(runtime_.processes());
  const PortId port = OpenEcho(*self);
  EXPECT_TRUE(*runtime_.PortCommand(*self, port, Term::Binary("hello")));
  EXPECT_EQ(Next(*self, port), "{P,{data,<<\"hello\">>}}");
  EXPECT_EQ(runtime_.port_count(), 1u);
}

TEST_P(RuntimeTest, ControlAnswersInTheCaller) {
  ThreadProcess self(runtime_.processes());
  const PortId port = OpenEcho(*self);
  auto reply = runtime_.PortControl(*self, port, 0, AsBytes("abc"));
  ASSERT_TRUE(reply.has_value()) << reply.error().ToString();
  EXPECT_EQ(reply->ToString(), "\"abc\"");
}

// A control call that had to queue keeps its payload, however short.
TEST_P(RuntimeTest, ControlsFromTwoThreadsKeepTheirPayloads) {
  ThreadProcess self(runtime_.processes());
  const PortId port = OpenEcho(*self);
  const auto ask = [&](const char* bytes) {
    ThreadProcess me(runtime_.processes());
    for (int i = 0; i < 500; ++i) {
      auto reply = runtime_.PortControl(*me, port, 0, AsBytes(bytes));
      ASSERT_EQ(reply->ToString(), '"' + std::string(bytes) + '"') << i;
    }
  };
  OrderedThread other("other", [&] { ask("other"); });
  ask("this");
  other.Join();
}

TEST_P(RuntimeTest, CallEchoesTheTerm) {
  ThreadProcess self(runtime_.processes());
  const PortId port = OpenEcho(*self);
  const Term term = Term::Tuple({Term::Atom("a"), Term::Int(-5), Term::String("xyz")});
  auto reply = runtime_.PortCall(*self, port, 1, term);
  ASSERT_TRUE(reply.has_value()) << reply.error().ToString();
  EXPECT_EQ(*reply, term);
}

TEST_P(RuntimeTest, CloseSendsExitAndFreesTheSlot) {
  ThreadProcess self(runtime_.processes());
  self->set_trap_exit(true);
  const PortId port = OpenEcho(*self);
  EXPECT_TRUE(runtime_.PortClose(*self, port).has_value());
  EXPECT_EQ(Next(*self, port), "{'EXIT',P,normal}");
  EXPECT_EQ(runtime_.PortClose(*self, port).error().Reason(), "badarg");
  EXPECT_EQ(runtime_.port_count(), 0u);
  EXPECT_EQ(runtime_.PortInfo(*self, port).ToString(), "undefined");
}

TEST_P(RuntimeTest, BangCloseAnswersClosedAfterExit) {
  ThreadProcess self(runtime_.processes());
  self->set_trap_exit(true);
  const PortId port = OpenEcho(*self);
  runtime_.Send(*self, port, Term::Tuple({Term::Of(self->pid()), Term::Atom("close")}));
  EXPECT_EQ(Next(*self, port), "{'EXIT',P,normal}");
  EXPECT_EQ(Next(*self, port), "{P,closed}");
}

TEST_P(RuntimeTest, BadMessageIsBadsigToTheOwnerAndThePortLives) {
  ThreadProcess self(runtime_.processes());
  self->set_trap_exit(true);
  const PortId port = OpenEcho(*self);
  runtime_.Send(*self, port, Term::Atom("foo"));
  EXPECT_EQ(Next(*self, port), "{'EXIT',P,badsig}");
  EXPECT_TRUE(*runtime_.PortCommand(*self, port, Term::Binary("x")));
}

TEST_P(RuntimeTest, OwnerExitClosesThePort) {
  ThreadProcess watcher(runtime_.processes());
  PortId port;
  {
    ThreadProcess owner(runtime_.processes());
    port = OpenEcho(*owner);
    runtime_.MonitorPort(*watcher, port);
  }
  const std::string down = Next(*watcher, port);
  EXPECT_NE(down.find("port,P,normal}"), std::string::npos) << down;
  // As on OTP, DOWN comes before stop is called and the slot is free.
  for (int i = 0; i < 5000 && runtime_.port_count() != 0; ++i) {
    watcher->ReceiveUntil(MonotonicNow() + kMillisecond);
  }
  EXPECT_EQ(runtime_.port_count(), 0u);
}

TEST_P(RuntimeTest, ExitOfALinkedProcessFollowsItsLinkAlsoThroughABusyPort) {
  ThreadProcess self(runtime_.processes());
  self->set_trap_exit(true);
  for (int i = 0; i < 50; ++i) {
    const PortId port = OpenEcho(*self);
    // Commands from elsewhere keep the port's lock taken now and then, so that the link must queue.
    OrderedThread busy("busy", [this, port] {
      ThreadProcess me(runtime_.processes());
      for (int k = 0; k < 20; ++k) runtime_.PortCommand(*me, port, Term::Nil());
    });
    runtime_.processes().Spawn([this, port](Process& me) -> Body {
      runtime_.LinkPort(me, port);
      me.Exit(Term::Atom("boom"));
      co_return;
    });
    auto exit = self->ReceiveUntil(MonotonicNow() + 5000 * kMillisecond, [](const Term& message) {
      return message.is_tagged("EXIT", 3);
    });
    busy.Join();
    ASSERT_TRUE(exit.has_value()) << "round " << i;
    EXPECT_EQ(exit->tuple()[2].ToString(), "boom");
    while (self->TryReceive()) {
    }
  }
}

TEST_P(RuntimeTest, LimitIsSystemLimitAndSlotsComeBack) {
  ThreadProcess self(runtime_.processes());
  std::vector<PortId> ports;
  for (int i = 0; i < 16; ++i) ports.push_back(OpenEcho(*self));
  auto refused = runtime_.OpenPort(*self, "{spawn_driver,\"echo_drv\"}", "[]");
  EXPECT_EQ(refused.error().Reason(), "system_limit");
  EXPECT_TRUE(runtime_.PortClose(*self, ports.back()).has_value());
  EXPECT_TRUE(runtime_.OpenPort(*self, "{spawn_driver,\"echo_drv\"}", "[]").has_value());
  EXPECT_EQ(runtime_.port_count(), 16u);
  EXPECT_EQ(runtime_.ddll().Info("echo_drv")->port_count, 16);
}

TEST_P(RuntimeTest, UnknownDriverAndWrongOptionsSayWhat) {
  ThreadProcess self(runtime_.processes());
  auto unknown = runtime_.OpenPort(*self, "{spawn_driver,\"nope\"}", "[]");
  EXPECT_EQ(unknown.error().Reason(), "badarg");
  EXPECT_NE(unknown.error().detail.find("nope"), std::string::npos);
  auto option = runtime_.OpenPort(*self, "{spawn,\"cat\"}", "[{packet,3}]");
  EXPECT_EQ(option.error().type, ErrorType::kBadOpt);
  EXPECT_EQ(runtime_.port_count(), 0u);
}

TEST_P(RuntimeTest, ProgramEchoesPackets) {
  ThreadProcess self(runtime_.processes());
  auto port = runtime_.OpenPort(*self, ProgramName(), "[binary,{packet,4},exit_status]");
  ASSERT_TRUE(port.has_value()) << port.error().ToString();
  for (const char* packet : {"hi", "", "third"}) {
    EXPECT_TRUE(*runtime_.PortCommand(*self, *port, Term::Binary(packet)));
    EXPECT_EQ(Next(*self, *port),
              "{P,{data,<<" + (*packet ? '"' + std::string(packet) + '"' : "") + ">>}}");
  }
}

TEST_P(RuntimeTest, ExitStatusThenExitAtTheEndOfAProgram) {
  ThreadProcess self(runtime_.processes());
  self->set_trap_exit(true);
  auto port = runtime_.OpenPort(*self, "{spawn_executable,\"/bin/sh\"}",
                                "[{args,[\"-c\",\"printf abc; exit 7\"]},exit_status,binary]");
  ASSERT_TRUE(port.has_value()) << port.error().ToString();
  EXPECT_EQ(Next(*self, *port), "{P,{data,<<\"abc\">>}}");
  EXPECT_EQ(Next(*self, *port), "{P,{exit_status,7}}");
  EXPECT_EQ(Next(*self, *port), "{'EXIT',P,normal}");
}

TEST_P(RuntimeTest, KilledProgramReports128PlusSignal) {
  ThreadProcess self(runtime_.processes());
  self->set_trap_exit(true);
  auto port = runtime_.OpenPort(*self, "{spawn,\"sh -c 'kill -9 $$'\"}", "[exit_status]");
  ASSERT_TRUE(port.has_value());
  EXPECT_EQ(Next(*self, *port), "{P,{exit_status,137}}");
}

TEST_P(RuntimeTest, LinesAreSplitAndTheRestIsNoeolAfterTheStatus) {
  ThreadProcess self(runtime_.processes());
  self->set_trap_exit(true);
  auto port =
      runtime_.OpenPort(*self, "{spawn_executable,\"/bin/sh\"}",
                        "[{args,[\"-c\",\"printf 'ab\\\\ncdefgh\\\\nxy'\"]},exit_status,{line,4}]");
  ASSERT_TRUE(port.has_value()) << port.error().ToString();
  EXPECT_EQ(Next(*self, *port), "{P,{data,{eol,\"ab\"}}}");
  EXPECT_EQ(Next(*self, *port), "{P,{data,{noeol,\"cdef\"}}}");
  EXPECT_EQ(Next(*self, *port), "{P,{data,{eol,\"gh\"}}}");
  EXPECT_EQ(Next(*self, *port), "{P,{exit_status,0}}");
  EXPECT_EQ(Next(*self, *port), "{P,{data,{noeol,\"xy\"}}}");
  EXPECT_EQ(Next(*self, *port), "{'EXIT',P,normal}");
}

TEST_P(RuntimeTest, MissingExecutableIsEnoentAndTheSlotComesBack) {
  ThreadProcess self(runtime_.processes());
  auto missing = runtime_.OpenPort(*self, "{spawn_executable,\"/no/such/file\"}", "[]");
  EXPECT_EQ(missing.error().Reason(), "enoent");
  auto text_file = runtime_.OpenPort(*self, "{spawn_executable,\"/etc/passwd\"}", "[]");
  EXPECT_EQ(text_file.error().Reason(), "eacces");
  EXPECT_EQ(runtime_.port_count(), 0u);
}

TEST_P(RuntimeTest, ScheduledProcessWaitsInACoroutine) {
  ThreadProcess self(runtime_.processes());
  const Pid parent = self->pid();
  auto child = runtime_.processes().Spawn([this, parent](Process& me) -> Body {
    for (int i = 0; i < 3; ++i) {
      auto message = co_await me.Receive();
      runtime_.processes().Find(parent)->Deliver(*message);
    }
  });
  for (int i = 0; i < 3; ++i) child->Deliver(Term::Int(i));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Next(*self, PortId{}), std::to_string(i));
}

TEST_P(RuntimeTest, OpenAndCloseLeaveNoDescriptor) {
  ThreadProcess self(runtime_.processes());
  auto round = [&] {
    auto port = runtime_.OpenPort(*self, ProgramName(), "[binary,{packet,4}]");
    ASSERT_TRUE(port.has_value()) << port.error().ToString();
    ASSERT_TRUE(runtime_.PortClose(*self, *port).has_value());
  };
  round();
  const int before = OpenFds();
  for (int i = 0; i < 20; ++i) round();
  EXPECT_EQ(OpenFds(), before);
  EXPECT_EQ(runtime_.port_count(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Order, RuntimeTest, testing::Bool(),
                         [](const auto& run) { return run.param ? "Baton" : "Threads"; });

TEST(RuntimeOrderTest, EqualSeedsGiveEqualOrders) {
  auto digest = [](std::uint64_t seed) {
    RuntimeOptions options = TestOptions();
    options.baton_seed = seed;
    Runtime runtime(options);
    ThreadProcess self(runtime.processes());
    EXPECT_TRUE(runtime.ddll().LoadDriverFile(kEchoDriver).has_value());
    auto port = runtime.OpenPort(*self, "{spawn_driver,\"echo_drv\"}", "[binary]");
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(*runtime.PortCommand(*self, *port, Term::Binary("x")));
    auto child = runtime.processes().Spawn([&](Process& me) -> Body {
      for (int i = 0; i < 10; ++i) co_await me.Receive();
    });
    for (int i = 0; i < 10; ++i) child->Deliver(Term::Int(i));
    self->ReceiveUntil(MonotonicNow() + kMillisecond, [](const Term&) { return false; });
    return runtime.order_digest();
  };
  const std::uint64_t first = digest(1);
  EXPECT_EQ(first, digest(1));
  EXPECT_NE(first, digest(2));
}

}  // namespace
}  // namespace portlab
