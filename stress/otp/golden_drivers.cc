#include "stress/otp/golden.h"
#include "stress/otp/golden_steps.h"

namespace portlab {
namespace {

PortId OpenDriver(Actor& actor, const char* driver, const char* options) {
  actor.Load(PORTLAB_DRIVERS, driver);
  return actor.Open("{spawn_driver,\"" + std::string(driver) + "\"}", options);
}

PortId Echo(Actor& actor, const char* options = "[]") {
  return OpenDriver(actor, "echo_drv", options);
}
PortId Probe(Actor& actor, const char* options = "[]") {
  return OpenDriver(actor, "probe_drv", options);
}

// One control operation of the probe driver, and the messages that come of it.
struct ProbeRow {
  const char* name;
  int operation;  // probe_drv.c
  const char* options;
  int messages;
};

constexpr ProbeRow kProbes[] = {
    {"86 driver_failure_atom", 1, "[]", 1},
    {"86 driver_failure_posix", 2, "[]", 1},
    {"86 driver_failure with a code", 3, "[]", 1},
    {"86 driver_failure with 0", 4, "[]", 1},
    {"86 driver_failure with 0 and eof", 4, "[eof]", 1},
    {"87 driver_exit", 5, "[]", 0},
    {"86 driver_failure_eof", 6, "[]", 1},
    {"88 driver_failure_eof and eof", 6, "[eof]", 1},
    {"driver_set_timer", 7, "[]", 1},
    {"driver_cancel_timer", 17, "[]", 0},
    {"driver_async", 10, "[]", 1},
    {"erl_drv_output_term", 13, "[]", 1},
    {"driver_select", 14, "[]", 2},
    {"driver_select, binary", 14, "[binary]", 2},
    {"control that replies with a binary", 16, "[]", 0},
    {"driver_caller", 18, "[]", 0},
    {"control that refuses", 99, "[]", 0},
};

// Then the state of the port: a second control, and whether it is still there.
Behaviour OfProbe(const ProbeRow& row) {
  const std::string call = std::to_string(row.operation);
  const std::string erlang =
      std::string("load(Drivers,\"probe_drv\"),P=open({spawn_driver,\"probe_drv\"},") +
      row.options + "),answer(fun()->port_control(P," + call + ",\"\") end),take(" +
      std::to_string(row.messages) +
      "),quiet(30),say(erlang:port_info(P,name)),answer(fun()->port_control(P,18,\"\") end)";
  return {row.name, erlang, [&row](Actor& actor) {
            const PortId port = Probe(actor, row.options);
            actor.Answer(actor.Control(port, static_cast<unsigned>(row.operation), ""));
            actor.Take(row.messages);
            actor.Quiet(30);
            actor.Say(InfoItem(actor, port, "name"));
            actor.Answer(actor.Control(port, 18, ""));
          }};
}

// How open_port sees a driver's name and options, and its start callback.
struct DriverOpening {
  const char* number;
  const char* port_name;
  const char* options;
};

constexpr DriverOpening kOpenings[] = {
    {"85", R"({spawn_driver,"probe_drv general"})", "[]"},
    {"85", R"({spawn_driver,"probe_drv errno"})", "[]"},
    {"85", R"({spawn_driver,"probe_drv badarg"})", "[]"},
    {"85", R"({spawn,"probe_drv errno"})", "[]"},
    {"85", R"({spawn_driver,"Probe_drv"})", "[]"},
    {"85", R"({spawn_driver,<<"probe_drv x">>})", "[]"},
    {"85", "{spawn_driver,probe_drv}", "[]"},
    {"85", R"({spawn_executable,"probe_drv"})", "[]"},
    {"95", R"({spawn_driver,"probe_drv"})", "[exit_status]"},
    {"95", R"({spawn,"probe_drv"})", "[exit_status]"},
    {"95", R"({spawn_driver,"probe_drv"})", R"([{args,["a"]}])"},
    {"95", R"({spawn,"probe_drv"})", R"([{arg0,"a"}])"},
    {"95", R"({spawn_driver,"probe_drv"})", R"([{packet,4},{cd,"/"},{env,[]},in])"},
    {"95", R"({spawn_driver,"probe_drv"})", "[stderr_to_stdout]"},
    {"95", R"({spawn,"probe_drv"})", "[stderr_to_stdout]"},
    {"95", R"({spawn_driver,"probe_drv"})", "[nouse_stdio]"},
    {"95", R"({spawn_driver,"probe_drv"})", "[stderr_to_stdout,nouse_stdio]"},
    {"95", R"({spawn_driver,"probe_drv"})", "[{line,5}]"},
    {"95", R"({spawn_driver,"probe_drv"})", "[{packet,3}]"},
};

Behaviour OfOpening(const DriverOpening& row) {
  const std::string call = std::string(row.port_name) + "," + row.options;
  return {std::string(row.number) + " " + call,
          "load(Drivers,\"probe_drv\"),say(is_port(open(" + call + ")))", [&row](Actor& actor) {
            actor.Load(PORTLAB_DRIVERS, "probe_drv");
            actor.Say(static_cast<bool>(actor.Open(row.port_name, row.options)));
          }};
}

std::vector<Behaviour> ProbeBehaviours() {
  std::vector<Behaviour> behaviours;
  for (const ProbeRow& row : kProbes) behaviours.push_back(OfProbe(row));
  for (const DriverOpening& row : kOpenings) behaviours.push_back(OfOpening(row));
  return behaviours;
}

std::vector<Behaviour> ProbeStories() {
  return {
      {"88 eof twice", R"(load(Drivers, "probe_drv"), P = open({spawn_driver, "probe_drv"}, [eof]),
        port_control(P, 6, ""), port_control(P, 6, ""), take(2), answer(fun() -> port_close(P) end), take(1))",
       [](Actor& a) {
         const PortId port = Probe(a, "[eof]");
         (void)a.Control(port, 6, "");
         (void)a.Control(port, 6, "");
         a.Take(2);
         a.Answer(a.Close(port));
         a.Take(1);
       }},
      {"89 close with a queue that drains later",
       R"(load(Drivers, "probe_drv"), P = open({spawn_driver, "probe_drv"}, []),
        port_control(P, 12, "some bytes"), P ! {self(), close}, take(1), answer(fun() -> port_control(P, 18, "") end),
        answer(fun() -> port_command(P, "x") end), answer(fun() -> port_close(P) end), take(1),
        answer(fun() -> port_control(P, 18, "") end))",
       [](Actor& a) {
         const PortId port = Probe(a);
         (void)a.Control(port, 12, "some bytes");
         a.Bang(port, Term::Atom("close"));
         a.Take(1);
         a.Answer(a.Control(port, 18, ""));
         a.Answer(a.Command(port, Term::String("x")));
         a.Answer(a.Close(port));
         a.Take(1);
         a.Answer(a.Control(port, 18, ""));
       }},
      {"63 a busy port",
       R"(load(Drivers, "probe_drv"), P = open({spawn_driver, "probe_drv"}, []), port_control(P, 8, ""),
        answer(fun() -> port_command(P, "x", [nosuspend]) end), answer(fun() -> port_command(P, "x", [force]) end),
        answer(fun() -> port_control(P, 18, "") end), port_control(P, 9, ""),
        answer(fun() -> port_command(P, "x", [nosuspend]) end), say(erlang:port_info(P, output)))",
       [](Actor& a) {
         const PortId port = Probe(a);
         const auto command = [&](CommandFlags flags) {
           a.Answer(a.runtime().PortCommand(a.self(), port, Term::String("x"), flags));
         };
         (void)a.Control(port, 8, "");
         command({.nosuspend = true});
         command({.force = true});
         a.Answer(a.Control(port, 18, ""));
         (void)a.Control(port, 9, "");
         command({.nosuspend = true});
         a.Say(InfoItem(a, port, "output"));
       }},
      {"driver_monitor_process",
       R"(load(Drivers, "probe_drv"), P = open({spawn_driver, "probe_drv"}, []),
        Q = spawn(fun() -> port_control(P, 11, "") end), take(1), say(is_process_alive(Q)))",
       [](Actor& a) {
         const PortId port = Probe(a);
         InAnother(a, [&](Actor& other) { (void)other.Control(port, 11, ""); });
         a.Take(1);
         a.Say(false);
       }},
  };
}

std::vector<Behaviour> EchoBehaviours() {
  return {
      {"80 one sender's order",
       R"(load(Drivers, "echo_drv"), P = open({spawn_driver, "echo_drv"}, []), S = self(),
        P ! {S, {command, "a"}}, P ! {S, {command, "b"}}, say(port_control(P, 0, "ctl")), P ! {S, {command, "c"}},
        P ! {S, close}, P ! {S, {command, "d"}}, take(5), quiet(30))",
       [](Actor& a) {
         const PortId port = Echo(a);
         a.Bang(port, CommandOf(Term::String("a")));
         a.Bang(port, CommandOf(Term::String("b")));
         a.Answer(a.Control(port, 0, "ctl"));
         a.Bang(port, CommandOf(Term::String("c")));
         a.Bang(port, Term::Atom("close"));
         a.Bang(port, CommandOf(Term::String("d")));
         a.Take(5);
         a.Quiet(30);
       }},
      {"control replies", R"(load(Drivers, "echo_drv"), P = open({spawn_driver, "echo_drv"}, []),
        [answer(fun() -> port_control(P, 0, D) end) || D <- ["", "abc", lists:duplicate(64, $x), lists:duplicate(65, $y),
          [0, 255]]], answer(fun() -> port_control(P, 7777, "x") end))",
       [](Actor& a) {
         const PortId port = Echo(a);
         const std::string bytes[] = {"", "abc", std::string(64, 'x'), std::string(65, 'y'),
                                      std::string("\0\xff", 2)};
         for (const std::string& data : bytes) a.Answer(a.Control(port, 0, data));
         a.Answer(a.Control(port, 7777, "x"));
       }},
      {"calls", R"(load(Drivers, "echo_drv"), P = open({spawn_driver, "echo_drv"}, []),
        [answer(fun() -> erlang:port_call(P, 1, T) end) || T <- [{a, -5, "xyz", 1.5, <<"b">>, []}, [1|2], #{k => v},
          123456789012345678901234567890, lists:duplicate(300, $z), P]])",
       [](Actor& a) {
         const PortId port = Echo(a);
         const auto call = [&](const Term& term) {
           a.Answer(a.runtime().PortCall(a.self(), port, 1, term));
         };
         call(Actor::Read(R"({a,-5,"xyz",1.5,<<"b">>,[]})"));
         call(Actor::Read("[1|2]"));
         call(Actor::Read("#{k => v}"));
         call(Actor::Read("123456789012345678901234567890"));
         call(Term::String(std::string(300, 'z')));
         call(Term::Of(port));
       }},
      {"data", R"(load(Drivers, "echo_drv"), [begin P = open({spawn_driver, "echo_drv"}, O),
        [begin port_command(P, D), take(1) end || D <- ["", <<>>, "hello", [[<<"a">>] | <<"b">>], [0, 200, $a]]],
        say(erlang:port_info(P, input)), say(erlang:port_info(P, output)) end || O <- [[], [binary], [{packet, 4}]]])",
       [](Actor& a) {
         for (const char* options : {"[]", "[binary]", "[{packet,4}]"}) {
           const PortId port = Echo(a, options);
           for (const char* data :
                {"\"\"", "<<>>", "\"hello\"", "[[<<\"a\">>]|<<\"b\">>]", "[0,200,97]"}) {
             (void)a.Command(port, Actor::Read(data));
             a.Take(1);
           }
           a.Say(InfoItem(a, port, "input"));
           a.Say(InfoItem(a, port, "output"));
         }
       }},
      {"93 lines",
       R"(load(Drivers, "echo_drv"), P = open({spawn_driver, "echo_drv"}, [{line, 5}, binary]),
        port_command(P, "ab\ncdefghij\nk"), take(3), port_command(P, "l\r\n"), take(1), quiet(30))",
       [](Actor& a) {
         const PortId port = Echo(a, "[{line,5},binary]");
         (void)a.Command(port, Term::String("ab\ncdefghij\nk"));
         a.Take(3);
         (void)a.Command(port, Term::String("l\r\n"));
         a.Take(1);
       }},
  };
}

}  // namespace

std::vector<Behaviour> DriverBehaviours() {
  std::vector<Behaviour> all;
  for (const auto& part : {ProbeBehaviours(), ProbeStories(), EchoBehaviours()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace portlab
