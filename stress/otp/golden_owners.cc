#include "stress/otp/golden.h"
#include "stress/otp/golden_steps.h"

namespace portlab {
namespace {

std::vector<Behaviour> Owners() {
  return {
      {"50 port_connect", R"(P = open({spawn, "cat"}, []), Me = self(),
        N = spawn(fun() -> take(1), Me ! taken, receive stop -> ok end end),
        answer(fun() -> port_connect(P, N) end), port_command(P, "q"), receive taken -> ok end,
        say(erlang:port_info(P, connected) =:= {connected, N}),
        say(lists:sort(element(2, erlang:port_info(P, links))) =:= lists:sort([Me, N])), port_close(P), take(1))",
       [](Actor& a) {
         const PortId port = OpenCat(a);
         Actor next = a.Another();
         a.Answer(a.runtime().PortConnect(a.self(), port, next.pid()));
         (void)a.Command(port, Term::String("q"));
         next.Take(1);
         const Term info = a.runtime().PortInfo(a.self(), port);
         const auto connected = PortInfoItem(info, "connected");
         a.Say(connected && connected->tuple()[1] == Term::Of(next.pid()));
         const auto links = PortInfoItem(info, "links")->tuple()[1];
         a.Say(links == Term::List({Term::Of(a.pid()), Term::Of(next.pid())}) ||
               links == Term::List({Term::Of(next.pid()), Term::Of(a.pid())}));
         (void)a.Close(port);
         a.Take(1);
       }},
      {"51 connect by message", R"(P = open({spawn, "cat"}, []), Me = self(),
        N = spawn(fun() -> take(1), Me ! taken, receive stop -> ok end end), P ! {Me, {connect, N}}, take(1),
        say(erlang:port_info(P, links) =:= {links, [Me]}), say(erlang:port_info(P, connected) =:= {connected, N}),
        port_command(P, "q"), receive taken -> ok end, P ! {N, close}, take(1))",
       [](Actor& a) {
         const PortId port = OpenCat(a);
         Actor next = a.Another();
         a.Bang(port, ConnectTo(next.pid()));
         a.Take(1);
         const Term info = a.runtime().PortInfo(a.self(), port);
         a.Say(PortInfoItem(info, "links")->tuple()[1] == Term::List({Term::Of(a.pid())}));
         a.Say(PortInfoItem(info, "connected")->tuple()[1] == Term::Of(next.pid()));
         (void)a.Command(port, Term::String("q"));
         next.Take(1);
         next.Bang(port, Term::Atom("close"));
         a.Take(1);
       }},
      {"52 connect to the dead",
       R"(P = open({spawn, "cat"}, []), {D, _} = spawn_monitor(fun() -> ok end),
        receive {'DOWN', _, _, _, _} -> ok end, answer(fun() -> port_connect(P, D) end), P ! {self(), {connect, D}},
        take(1), say(erlang:port_info(P, connected) =:= {connected, D}), port_close(P), take(1))",
       [](Actor& a) {
         const PortId port = OpenCat(a);
         Pid dead;
         InAnother(a, [&](Actor& other) { dead = other.pid(); });
         a.Answer(a.runtime().PortConnect(a.self(), port, dead));
         a.Bang(port, ConnectTo(dead));
         a.Take(1);
         const Term info = a.runtime().PortInfo(a.self(), port);
         a.Say(PortInfoItem(info, "connected")->tuple()[1] == Term::Of(dead));
         (void)a.Close(port);
         a.Take(1);
       }},
  };
}

std::vector<Behaviour> FormerOwners() {
  return {
      {"53 the old owner commands", R"(P = open({spawn, "cat"}, []), Me = self(), N = spawn(fun() ->
          process_flag(trap_exit, true), Me ! ready, take(1), Me ! taken, receive stop -> ok end end),
        receive ready -> ok end, port_connect(P, N), P ! {Me, {command, "x"}}, receive taken -> ok end, quiet(30), say(ok))",
       [](Actor& a) {
         const PortId port = OpenCat(a);
         Actor next = a.Another();
         (void)a.runtime().PortConnect(a.self(), port, next.pid());
         a.Bang(port, CommandOf(Term::String("x")));
         next.Take(1);
         a.Quiet(30);
         a.Say(Term::Atom("ok"));
       }},
      {"54 the owner exits normally",
       R"(Me = self(), O = spawn(fun() -> Me ! {port, open({spawn, "cat"}, [])},
          receive stop -> ok end end),
        P = receive {port, Q} -> Q end, erlang:monitor(port, P), O ! stop, take(1), say(erlang:port_info(P)))",
       [](Actor& a) {
         PortId port;
         InAnother(a, [&](Actor& owner) {
           port = OpenCat(owner);
           a.runtime().MonitorPort(a.self(), port);
         });
         a.Take(1);
         a.Say(a.runtime().PortInfo(a.self(), port));
       }},
      {"75 port_connect, then the program ends",
       R"(P = sh("read x; exit 3", [exit_status]), Me = self(),
        N = spawn(fun() -> take(1), Me ! taken, receive stop -> ok end end),
        port_connect(P, N), port_command(P, "\n"), receive taken -> ok end, take(1))",
       [](Actor& a) {
         const PortId port = a.Sh("read x; exit 3", "[exit_status]");
         Actor next = a.Another();
         (void)a.runtime().PortConnect(a.self(), port, next.pid());
         (void)a.Command(port, Term::String("\n"));
         next.Take(1);
         a.Take(1);
       }},
  };
}

std::vector<Behaviour> LinksAndExits() {
  return {
      {"55 linked processes exit", R"(P = open({spawn, "cat"}, []),
        {_, M} = spawn_monitor(fun() -> link(P) end), receive {'DOWN', M, _, _, _} -> ok end,
        answer(fun() -> port_command(P, "x") end), take(1), spawn(fun() -> link(P), exit(boom) end), take(1))",
       [](Actor& a) {
         const PortId port = OpenCat(a);
         InAnother(a, [&](Actor& other) { other.runtime().LinkPort(other.self(), port); });
         a.Answer(a.Command(port, Term::String("x")));
         a.Take(1);
         InAnother(a, [&](Actor& other) {
           other.runtime().LinkPort(other.self(), port);
           other.Exit(Term::Atom("boom"));
         });
         a.Take(1);
       }},
      {"56 exit signals",
       R"([begin P = open({spawn, "cat"}, []), spawn(fun() -> exit(P, R) end), take(1) end ||
          R <- [normal, kill, {why, 1}, shutdown]])",
       [](Actor& a) {
         for (const char* reason : {"normal", "kill", "{why,1}", "shutdown"}) {
           const PortId port = OpenCat(a);
           InAnother(a, [&](Actor& other) {
             other.runtime().Exit(other.self(), port, Actor::Read(reason));
           });
           a.Take(1);
         }
       }},
      {"57 unlinked",
       R"(P = open({spawn, "cat"}, []), unlink(P), port_close(P), quiet(30), Me = self(),
        {_, M} = spawn_monitor(fun() -> Q = open({spawn, "cat"}, []), unlink(Q), Me ! {port, Q} end),
        Orphan = receive {port, Q} -> Q end, receive {'DOWN', M, _, _, _} -> ok end,
        say(erlang:port_info(Orphan, links)), say(erlang:port_info(Orphan, name)),
        answer(fun() -> port_close(Orphan) end))",
       [](Actor& a) {
         const PortId port = OpenCat(a);
         a.runtime().UnlinkPort(a.self(), port);
         (void)a.Close(port);
         a.Quiet(30);
         PortId orphan;
         InAnother(a, [&](Actor& other) {
           orphan = OpenCat(other);
           other.runtime().UnlinkPort(other.self(), orphan);
         });
         a.Say(InfoItem(a, orphan, "links"));
         a.Say(InfoItem(a, orphan, "name"));
         a.Answer(a.Close(orphan));
       }},
      {"37 port_info",
       R"(P = open({spawn, "cat"}, []), port_command(P, "abc"), take(1), I = erlang:port_info(P),
        [say(lists:keyfind(K, 1, I)) || K <- [name, links, connected, input, output]],
        port_close(P), take(1))",
       [](Actor& a) {
         const PortId port = OpenCat(a);
         (void)a.Command(port, Term::String("abc"));
         a.Take(1);
         for (const char* key : {"name", "links", "connected", "input", "output"})
           a.Say(InfoItem(a, port, key));
         (void)a.Close(port);
         a.Take(1);
       }},
  };
}

}  // namespace

std::vector<Behaviour> OwnerBehaviours() {
  std::vector<Behaviour> all;
  for (const auto& part : {Owners(), FormerOwners(), LinksAndExits()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace portlab
