#include "base/order.h"
#include "stress/otp/golden.h"
#include "stress/otp/golden_steps.h"

namespace portlab {
namespace {

std::vector<Behaviour> Pipes() {
  return {
      {"13 a grandchild holds the output",
       R"(T = erlang:monotonic_time(millisecond), sh("sleep 0.3 & exit 5", [exit_status]),
        take(2), say(erlang:monotonic_time(millisecond) - T >= 250))",
       [](Actor& a) {
         const Nanos start = MonotonicNow();
         a.Sh("sleep 0.3 & exit 5", "[exit_status]");
         a.Take(2);
         a.Say(MonotonicNow() - start >= 250 * kMillisecond);
       }},
      {"34 a command to an in port",
       R"(P = sh("sleep 5", [in]), answer(fun() -> port_command(P, "x\n") end), take(1))",
       [](Actor& a) {
         const PortId port = a.Sh("sleep 5", "[in]");
         a.Answer(a.Command(port, Term::String("x\n")));
         a.Take(1);
       }},
      {"36 descriptors 3 and 4", R"(P = sh("read x <&3; echo $x >&4", [nouse_stdio, exit_status]),
        port_command(P, "yo\n"), take(3))",
       [](Actor& a) {
         const PortId port = a.Sh("read x <&3; echo $x >&4", "[nouse_stdio,exit_status]");
         (void)a.Command(port, Term::String("yo\n"));
         a.Take(3);
       }},
      {"58 the program closed its input", R"(P = sh("exec <&-; echo closed; sleep 5", []), take(1),
        answer(fun() -> port_command(P, "x") end), take(1))",
       [](Actor& a) {
         const PortId port = a.Sh("exec <&-; echo closed; sleep 5", "[]");
         a.Take(1);
         a.Answer(a.Command(port, Term::String("x")));
         a.Take(1);
       }},
      {"74 order",
       R"(P = open({spawn, "cat"}, [{packet, 4}, binary]), [port_command(P, <<I:16>>) || I <- lists:seq(1, 300)],
        say([receive {P, {data, <<I:16>>}} -> I after 10000 -> none end || _ <- lists:seq(1, 300)]))",
       [](Actor& a) {
         const PortId port = a.Open(R"({spawn,"cat"})", "[{packet,4},binary]");
         for (int i = 1; i <= 300; ++i) {
           (void)a.Command(port, Term::Binary(std::string{static_cast<char>(i >> 8),
                                                          static_cast<char>(i & 0xff)}));
         }
         std::vector<Term> numbers;
         for (int i = 1; i <= 300; ++i) {
           const auto message = a.self().ReceiveUntil(MonotonicNow() + 10'000 * kMillisecond);
           if (!message) return;
           const Term payload = message->tuple()[1].tuple()[1];
           numbers.push_back(Term::Int(payload.binary()[0] << 8 | payload.binary()[1]));
         }
         a.Say(Term::List(numbers));
       }},
  };
}

}  // namespace

std::vector<Behaviour> PipeBehaviours() {
  std::vector<Behaviour> all;
  for (const auto& part : {Pipes()}) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace portlab
