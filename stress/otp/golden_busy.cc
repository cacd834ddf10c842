// Ports that are busy: how much they take, and what a sender sees.
#include "stress/otp/golden.h"
#include "stress/otp/golden_steps.h"

namespace portlab {
namespace {

struct BusyRow {
  const char* option;
  const char* name;
};

constexpr const char* kSleep = R"({spawn,"sleep 5"})";

// Each says whether the port opened.
constexpr BusyRow kLimits[] = {
    {"{busy_limits_port,{10,5}}", kSleep},
    {"{busy_limits_port,{0,5}}", kSleep},
    {"{busy_limits_port,{5,0}}", kSleep},
    {"{busy_limits_port,{1,18446744073709551616}}", kSleep},
    {"{busy_limits_port,{1,18446744073709551615}}", kSleep},
    {"{busy_limits_port,{1,18446744073709551614}}", kSleep},
    {"{busy_limits_port,{a,5}}", kSleep},
    {"{busy_limits_port,5}", kSleep},
    {"{busy_limits_port,disabled}", kSleep},
    {"{busy_limits_msgq,disabled}", kSleep},
    {"{busy_limits_msgq,{0,1}}", kSleep},
    {"{busy_limits_msgq,{1,1}}", kSleep},
    {"{busy_limits_port,{1,2}}", "{fd,-1,1}"},
    {"{busy_limits_msgq,{1,2}}", "{fd,-1,1}"},
};

Behaviour OfLimits(const BusyRow& row) {
  const std::string options = std::string("[out,") + row.option + "]";
  const std::string call = std::string(row.name) + "," + options;
  return {"66 " + call, "say(is_port(open(" + call + ")))",
          [&row, options](Actor& a) { a.Say(static_cast<bool>(a.Open(row.name, options))); }};
}

// Commands of so many bytes until the port is busy, at most 200: whether it got busy, and how much
// is queued then. (How many it takes differs by two: on OTP the pipe has carried the start
// request.)
Behaviour Filled(const char* name, const char* options, int bytes) {
  const std::string open = std::string("P = open({spawn,\"sleep 5\"},") + options + "),";
  const std::string fill =
      "Fill = fun F(200) -> 200; F(N) -> case port_command(P, lists:duplicate(" +
      std::to_string(bytes) + R"(, $a), [nosuspend]) of true -> F(N + 1); false -> N end end,
        case Fill(0) of 200 -> say(never_busy); _ -> say(erlang:port_info(P, queue_size)) end)";
  return {name, open + fill, [options, bytes](Actor& a) {
            const PortId port = a.Open(kSleep, options);
            int taken = 0;
            const Term data = Term::String(std::string(static_cast<std::size_t>(bytes), 'a'));
            const CommandFlags flags{.force = false, .nosuspend = true};
            while (taken < 200 && *a.runtime().PortCommand(a.self(), port, data, flags)) ++taken;
            a.Say(taken == 200 ? Term::Atom("never_busy") : InfoItem(a, port, "queue_size"));
          }};
}

std::vector<Behaviour> Senders() {
  return {
      {"63 force and nosuspend", R"(P = open({spawn, "cat"}, []),
        answer(fun() -> port_command(P, "a", [force]) end),
        answer(fun() -> port_command(P, "a", [force, nosuspend]) end),
        answer(fun() -> port_command(P, "a", [nosuspend]) end), take(1))",
       [](Actor& a) {
         const PortId port = OpenCat(a);
         for (const CommandFlags flags :
              {CommandFlags{true, false}, CommandFlags{true, true}, CommandFlags{false, true}}) {
           a.Answer(a.runtime().PortCommand(a.self(), port, Term::String("a"), flags));
         }
         a.Take(1);
       }},
      {"69 send with nosuspend", R"(P = open({spawn, "sleep 5"}, []),
        port_command(P, lists:duplicate(200000, $a)),
        say(nosuspend =:= erlang:send(P, {self(), {command, "x"}}, [nosuspend])),
        say(ok =:= erlang:send(P, {self(), close}, [nosuspend])), take(1))",
       [](Actor& a) {
         const PortId port = a.Open(kSleep, "[]");
         (void)a.Command(port, Term::String(std::string(200'000, 'a')));
         const Term command = Term::Tuple({Term::Of(a.pid()), CommandOf(Term::String("x"))});
         a.Say(!a.runtime().SendOrWait(a.self(), port, command, true));
         const Term close = Term::Tuple({Term::Of(a.pid()), Term::Atom("close")});
         a.Say(a.runtime().SendOrWait(a.self(), port, close, true));
         a.Take(1);
       }},
      {"67 a suspended command goes on when the program reads",
       R"(P = sh("sleep 0.2; cat > /dev/null", []),
        port_command(P, lists:duplicate(200000, $a)), answer(fun() -> port_command(P, "x") end))",
       [](Actor& a) {
         const PortId port = a.Sh("sleep 0.2; cat > /dev/null", "[]");
         (void)a.Command(port, Term::String(std::string(200'000, 'a')));
         a.Answer(a.Command(port, Term::String("x")));
       }},
      {"69 a suspended command at the end of its port",
       R"(P = sh("sleep 0.2", []), port_command(P, lists:duplicate(200000, $a)),
        answer(fun() -> port_command(P, "x") end), take(1))",
       [](Actor& a) {
         const PortId port = a.Sh("sleep 0.2", "[]");
         (void)a.Command(port, Term::String(std::string(200'000, 'a')));
         a.Answer(a.Command(port, Term::String("x")));
         a.Take(1);
       }},
  };
}

}  // namespace

std::vector<Behaviour> BusyBehaviours() {
  std::vector<Behaviour> all = Senders();
  for (const BusyRow& row : kLimits) all.push_back(OfLimits(row));
  all.push_back(Filled("64 default limits", "[]", 1000));
  all.push_back(Filled("65 a high limit", "[{busy_limits_port,{1,100000}}]", 1000));
  all.push_back(Filled("65 low above high", "[{busy_limits_port,{20000,5000}}]", 1000));
  all.push_back(Filled("65 no limit", "[{busy_limits_port,disabled}]", 10000));
  return all;
}

}  // namespace portlab
