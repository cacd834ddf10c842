#include "testing/bridge_fixture.h"

namespace portlab {
namespace {

std::string With(std::string text, std::uint64_t number) {
  for (std::size_t at; (at = text.find('$')) != std::string::npos;) {
    text.replace(at, 1, std::to_string(number));
  }
  return text;
}

TEST_F(BridgeServerTest, AMessageComesBeforeTheAnswerItWasSentBefore) {
  const std::uint64_t port = OpenEcho(Pid{100});
  Ask(Pid{100}, 3, With("{command,$,\"hello\",[]}", port));
  EXPECT_EQ(Next(), With("{message,<0.100.0>,{#Port<0.$>,{data,\"hello\"}}}", port));
  EXPECT_EQ(Next(), "{reply,<0.100.0>,3,{ok,true}}");
  Ask(Pid{100}, 4, With("{close,$}", port));
  EXPECT_EQ(Next(), With("{exit,<0.100.0>,#Port<0.$>,normal,true}", port));
  EXPECT_EQ(Next(), "{reply,<0.100.0>,4,{ok,true}}");
  Ask(Pid{100}, 5, With("{close,$}", port));
  EXPECT_TRUE(Next().starts_with("{reply,<0.100.0>,5,{error,badarg,"));
}

TEST_F(BridgeServerTest, OneClientsRequestsKeepTheirOrder) {
  const std::uint64_t port = OpenEcho(Pid{100});
  for (int id = 10; id < 60; ++id) Ask(Pid{100}, id, With("{control,$,0,\"x\"}", port));
  for (int id = 10; id < 60; ++id) {
    EXPECT_EQ(Next(), "{reply,<0.100.0>," + std::to_string(id) + ",{ok,\"x\"}}");
  }
}

TEST_F(BridgeServerTest, AClientsEndIsThatOfItsPorts) {
  OpenEcho(Pid{100});
  Ask(Pid{101}, 1, "port_count");
  EXPECT_EQ(Next(), "{reply,<0.101.0>,1,{ok,1}}");
  Down(Pid{100}, "finished");
  for (int tries = 0; tries < 1000 && runtime_.port_count() != 0; ++tries) ::usleep(10'000);
  EXPECT_EQ(runtime_.port_count(), 0u);
  // The pid may be used again.
  Ask(Pid{100}, 2, "port_count");
  EXPECT_EQ(Next(), "{reply,<0.100.0>,2,{ok,0}}");
}

TEST_F(BridgeServerTest, WhoWaitsForABusyPortHoldsUpNobodyElse) {
  const std::uint64_t port =
      OpenPort(Pid{100}, "{open_port,{spawn_executable,\"/bin/sleep\"},[{args,[\"1000\"]}]}");
  const Term much = Term::Binary(std::string(200'000, 'x'));
  const auto fill = [&](const char* name) {
    return Term::Tuple({Term::Atom(name), Term::Uint(port), much, Term::Nil()});
  };
  Ask(Pid{100}, 3, fill("command"));  // into the pipe, and the driver's queue: busy from now on
  EXPECT_EQ(Next(), "{reply,<0.100.0>,3,{ok,true}}");
  Ask(Pid{100}, 4, fill("command"));
  Ask(Pid{101}, 1, With("{send,$,{<0.101.0>,{command,\"x\"}},true}", port));
  EXPECT_EQ(Next(), "{reply,<0.101.0>,1,{ok,nosuspend}}");
  Ask(Pid{101}, 2, "ports");
  EXPECT_EQ(Next(), With("{reply,<0.101.0>,2,{ok,[#Port<0.$>]}}", port));
  // Who has exited is not suspended any more; its port is closed, although its queue is full.
  Ask(Pid{101}, 3, With("{exit,$,kill}", port));
  std::string all;
  for (int frames = 0; frames < 3; ++frames) all += Next() + "\n";
  EXPECT_NE(all.find(With("{exit,<0.100.0>,#Port<0.$>,killed,true}", port)), std::string::npos);
  EXPECT_NE(all.find("{reply,<0.101.0>,3,{ok,true}}"), std::string::npos) << all;
  EXPECT_NE(all.find("{reply,<0.100.0>,4,{error,badarg,"), std::string::npos) << all;
}

TEST_F(BridgeServerTest, WhatItHasNoTermsForIsAnsweredAndTheStreamGoesOn) {
  const auto ask = [this](int id, std::string_view bytes) {
    Send(Term::Tuple(
        {Term::Atom("request"), Term::Of(Pid{100}), Term::Int(id), Term::Binary(bytes)}));
  };
  ask(1, "no term at all");
  EXPECT_TRUE(Next().starts_with("{reply,<0.100.0>,1,{error,undecodable,"));
  ask(2, std::string("\x83\x4d\0\0\0\1\3\xe0", 8));  // <<7:3>>
  EXPECT_TRUE(Next().starts_with("{reply,<0.100.0>,2,{error,undecodable,"));
  for (const char* request :
       {"nonsense", "{close}", "{close,port}", "{close,-1}", "{command,1,\"x\",force}",
        "{command,1,\"x\",[slowly]}", "{control,1,-1,\"\"}", "{control,1,4294967296,\"\"}",
        "{control,1,0,[x]}", "{connect,1,me}", "{demonitor,1,ref}", "{environment,now}",
        "{environment,[{\"A\"}]}", "{directory,17}", "{try_load,17,x,[]}"}) {
    Ask(Pid{100}, 3, request);
    const std::string answer = Next();
    EXPECT_TRUE(answer.starts_with("{reply,<0.100.0>,3,{error,badarg,")) << request << answer;
  }
  Ask(Pid{100}, 4, "{directory,\"/no/such/folder\"}");
  EXPECT_TRUE(Next().starts_with("{reply,<0.100.0>,4,{error,enoent,"));
  Ask(Pid{100}, 5, "port_count");
  EXPECT_EQ(Next(), "{reply,<0.100.0>,5,{ok,0}}");
}

TEST_F(BridgeServerTest, AFrameThatIsNoneEndsTheSession) {
  Send("{wish,<0.100.0>,1}");
  thread_.join();
  ASSERT_FALSE(served_.has_value());
  EXPECT_EQ(served_.error().detail, "no frame of the bridge: {wish,<0.100.0>,1}");
}

TEST_F(BridgeServerTest, AnImpossibleLengthEndsTheSession) {
  SendBytes("\xff\xff\xff\xff");
  thread_.join();
  ASSERT_FALSE(served_.has_value());
  EXPECT_EQ(served_.error().Reason(), "einval");
}

TEST_F(BridgeServerTest, HalfAFrameAtTheEndIsNoTrouble) {
  SendBytes(std::string("\0\0\1\0half", 8));
  EXPECT_TRUE(End().has_value());
}

TEST_F(BridgeServerTest, StopIsTheLastFrame) {
  OpenEcho(Pid{100});
  Send("stop");
  thread_.join();
  EXPECT_TRUE(served_.has_value());
}

TEST_F(BridgeServerTest, TheNodeMayGetAnotherName) {
  Ask(Pid{100}, 1, "port_count");
  EXPECT_EQ(Next(), "{reply,<0.100.0>,1,{ok,0}}");
  Send("{identity,'named@test',9}");
  Ask(Pid{100}, 2, "port_count");  // in the old name: refused
  thread_.join();
  ASSERT_FALSE(served_.has_value());
  EXPECT_NE(served_.error().detail.find("'client@test'"), std::string::npos);
}

}  // namespace
}  // namespace portlab
