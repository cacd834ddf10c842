#include "stress/otp/golden.h"
#include "stress/otp/golden_steps.h"

namespace portlab {
namespace {

std::vector<Behaviour> Closing() {
  return {
      {"40 port_close twice", R"(P = open({spawn, "cat"}, []), answer(fun() -> port_close(P) end),
        answer(fun() -> port_close(P) end), take(1), quiet(30))",
       [](Actor& a) {
         const PortId port = OpenCat(a);
         a.Answer(a.Close(port));
         a.Answer(a.Close(port));
         a.Take(1);
         a.Quiet(30);
       }},
      {"41 close by message",
       R"(P = open({spawn, "cat"}, []), P ! {self(), close}, take(2), quiet(30))",
       [](Actor& a) {
         a.Bang(OpenCat(a), Term::Atom("close"));
         a.Take(2);
         a.Quiet(30);
       }},
      {"42 close by the wrong process",
       R"(P = open({spawn, "cat"}, []), spawn(fun() -> P ! {self(), close} end),
        take(1), answer(fun() -> port_command(P, "x") end), take(1))",
       [](Actor& a) {
         const PortId port = OpenCat(a);
         InAnother(a, [&](Actor& other) { other.Bang(port, Term::Atom("close")); });
         a.Take(1);
         a.Answer(a.Command(port, Term::String("x")));
         a.Take(1);
       }},
      {"43 close in the owner's name", R"(P = open({spawn, "cat"}, []), Owner = self(),
        spawn(fun() -> P ! {Owner, close} end), take(2))",
       [](Actor& a) {
         const PortId port = OpenCat(a);
         InAnother(a, [&](Actor& other) {
           other.runtime().Send(other.self(), port,
                                Term::Tuple({Term::Of(a.pid()), Term::Atom("close")}));
         });
         a.Take(2);
       }},
  };
}

std::vector<Behaviour> AfterClosing() {
  return {
      {"47 after the close", R"(P = open({spawn, "cat"}, []), port_close(P), take(1), P ! foo,
        answer(fun() -> port_command(P, "x") end), answer(fun() -> port_control(P, 1, "x") end),
        answer(fun() -> port_connect(P, self()) end), say(erlang:port_info(P)),
        answer(fun() -> erlang:port_call(P, 1, x) end), exit(P, kill), unlink(P), quiet(30))",
       [](Actor& a) {
         const PortId port = OpenCat(a);
         (void)a.Close(port);
         a.Take(1);
         a.runtime().Send(a.self(), port, Term::Atom("foo"));
         a.Answer(a.Command(port, Term::String("x")));
         a.Answer(a.Control(port, 1, "x"));
         a.Answer(a.runtime().PortConnect(a.self(), port, a.pid()));
         a.Say(a.runtime().PortInfo(a.self(), port));
         a.Answer(a.runtime().PortCall(a.self(), port, 1, Term::Atom("x")));
         a.runtime().Exit(a.self(), port, Term::Atom("kill"));
         a.runtime().UnlinkPort(a.self(), port);
         a.Quiet(30);
       }},
      {"48 link and monitor after the close",
       R"(P = open({spawn, "cat"}, []), port_close(P), take(1),
        answer(fun() -> link(P) end), take(1), erlang:monitor(port, P), take(1))",
       [](Actor& a) {
         const PortId port = OpenCat(a);
         (void)a.Close(port);
         a.Take(1);
         a.runtime().LinkPort(a.self(), port);
         a.Say(true);
         a.Take(1);
         a.runtime().MonitorPort(a.self(), port);
         a.Take(1);
       }},
      {"49 monitor, then close",
       R"(P = open({spawn, "cat"}, []), erlang:monitor(port, P), port_close(P), take(2))",
       [](Actor& a) {
         const PortId port = OpenCat(a);
         a.runtime().MonitorPort(a.self(), port);
         (void)a.Close(port);
         a.Take(2);
       }},
      {"62 port count", R"(N = erlang:system_info(port_count), P = open({spawn, "cat"}, []),
        say(erlang:system_info(port_count) - N), P ! {self(), close}, take(2), say(erlang:system_info(port_count) - N))",
       [](Actor& a) {
         const std::uint32_t before = a.runtime().port_count();
         const PortId port = OpenCat(a);
         a.Say(Term::Int(std::int64_t{a.runtime().port_count()} - before));
         a.Bang(port, Term::Atom("close"));
         a.Take(2);
         a.Say(Term::Int(std::int64_t{a.runtime().port_count()} - before));
       }},
  };
}

std::vector<Behaviour> WrongMessages() {
  return {
      {"44 wrong messages", R"(P = open({spawn, "cat"}, []),
        [begin P ! M, take(1) end || M <- [foo, {self(), {command, [foo]}}, {self(), {command, "x"}, extra},
          {self(), {connect, foo}}, {self(), foo}, {foo, close}, {self(), {command, "x", []}}]],
        answer(fun() -> port_command(P, "x") end), take(1))",
       [](Actor& a) {
         const PortId port = OpenCat(a);
         const auto send = [&](const Term& message) {
           a.runtime().Send(a.self(), port, message);
           a.Take(1);
         };
         const Term self = Term::Of(a.pid());
         send(Term::Atom("foo"));
         send(Term::Tuple({self, Actor::Read("{command,[foo]}")}));
         send(Term::Tuple({self, Actor::Read("{command,\"x\"}"), Term::Atom("extra")}));
         send(Term::Tuple({self, Actor::Read("{connect,foo}")}));
         send(Term::Tuple({self, Term::Atom("foo")}));
         send(Term::Tuple({Term::Atom("foo"), Term::Atom("close")}));
         send(Term::Tuple({self, Actor::Read("{command,\"x\",[]}")}));
         a.Answer(a.Command(port, Term::String("x")));
         a.Take(1);
       }},
      {"45 the owner does not trap exits", R"(Me = self(), {Owner, _} = spawn_monitor(fun() ->
          process_flag(trap_exit, false), P = open({spawn, "cat"}, []), Me ! {port, P}, receive never -> ok end end),
        P = receive {port, Q} -> Q end, erlang:monitor(port, P), P ! {Me, {command, "x"}}, take(2))",
       [](Actor& a) {
         Actor owner = a.Another();
         owner.self().set_trap_exit(false);
         const PortId port = OpenCat(owner);
         a.runtime().processes().Monitor(a.self(), owner.pid());
         a.runtime().MonitorPort(a.self(), port);
         a.Bang(port, CommandOf(Term::String("x")));
         a.Take(2);
       }},
      {"46 wrong data",
       R"(P = open({spawn, "cat"}, []), answer(fun() -> port_command(P, [foo]) end),
        answer(fun() -> port_command(P, [256]) end), answer(fun() -> port_command(P, foo) end),
        answer(fun() -> port_command(P, ["a" | <<"b">>]) end), take(1))",
       [](Actor& a) {
         const PortId port = OpenCat(a);
         for (const char* data : {"[foo]", "[256]", "foo", "[\"a\"|<<\"b\">>]"}) {
           a.Answer(a.Command(port, Actor::Read(data)));
         }
         a.Take(1);
       }},
      {"60 a program has no control",
       R"(P = open({spawn, "cat"}, []), answer(fun() -> port_control(P, 0, []) end),
        answer(fun() -> erlang:port_call(P, 0, x) end))",
       [](Actor& a) {
         const PortId port = OpenCat(a);
         a.Answer(a.Control(port, 0, ""));
         a.Answer(a.runtime().PortCall(a.self(), port, 0, Term::Atom("x")));
       }},
      {"63 command options",
       R"(P = open({spawn, "cat"}, []), answer(fun() -> port_command(P, "b", [nosuspend]) end),
        take(1), answer(fun() -> port_command(P, "a", [force]) end))",
       [](Actor& a) {
         const PortId port = OpenCat(a);
         a.Answer(a.runtime().PortCommand(a.self(), port, Term::String("b"), {.nosuspend = true}));
         a.Take(1);
         a.Answer(a.runtime().PortCommand(a.self(), port, Term::String("a"), {.force = true}));
       }},
  };
}

}  // namespace

std::vector<Behaviour> SignalBehaviours() {
  std::vector<Behaviour> all;
  for (const auto& part : {Closing(), AfterClosing(), WrongMessages()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace portlab
