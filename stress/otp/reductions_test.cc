// What a port operation costs the process that asks for it, beside real OTP: an idle port is served
// in its caller, and the caller is charged. Source: otp_ports.md 5.3.
#include <gtest/gtest.h>

#include "bif/port_call.h"
#include "stress/otp/behaviour.h"
#include "stress/otp/golden_steps.h"

namespace portlab {
namespace {

constexpr int kRounds = 100;

// In tens: an Erlang function call costs a reduction of its own.
void SayCharge(Actor& actor, const std::function<void()>& operation) {
  const std::uint64_t before = actor.self().reductions();
  for (int i = 0; i < kRounds; ++i) operation();
  const std::uint64_t each = (actor.self().reductions() - before) / kRounds;
  actor.Say(Term::Uint((each + 5) / 10 * 10));
}

// `call` is what charge/2 of otp_answers.erl takes, of the port P.
Behaviour Charge(const std::string& name, const std::string& call,
                 std::function<void(Actor&, PortId)> ours) {
  return {name,
          "load(Drivers,\"timeslice_drv\"),P=open_port({spawn_driver,\"timeslice_drv\"},[binary]),"
          "charge(" +
              call + ")",
          [ours = std::move(ours)](Actor& actor) {
            actor.Load(PORTLAB_DRIVERS, "timeslice_drv");
            const PortId port = actor.Open("{spawn_driver,\"timeslice_drv\"}", "[binary]");
            SayCharge(actor, [&] { ours(actor, port); });
          }};
}

TEST(ReductionsTest, TheCallerIsChargedAsInErl) {
  const Term data = Term::Binary("x");
  const std::vector<Behaviour> charges = {
      Charge("command", "port_command,[P,<<\"x\">>]",
             [&](Actor& actor, PortId port) { (void)actor.Command(port, data); }),
      Charge("command by message", "'!',[P,{self(),{command,<<\"x\">>}}]",
             [&](Actor& actor, PortId port) { actor.Bang(port, CommandOf(data)); }),
      Charge("control", "port_control,[P,0,<<>>]",
             [](Actor& actor, PortId port) { (void)actor.Control(port, 0, ""); }),
      Charge("control that uses up time", "port_control,[P,1,<<>>]",
             [](Actor& actor, PortId port) { (void)actor.Control(port, 1, ""); }),
      Charge("call", "port_call,[P,0,x]",
             [](Actor& actor, PortId port) {
               (void)actor.runtime().PortCall(actor.self(), port, 0, Term::Atom("x"));
             }),
      Charge("info", "port_info,[P,name]",
             [](Actor& actor, PortId port) { InfoItem(actor, port, "name"); }),
      Charge("connect", "port_connect,[P,self()]",
             [](Actor& actor, PortId port) {
               (void)actor.runtime().PortConnect(actor.self(), port, actor.pid());
             }),
      Charge("monitor", "monitor,[port,P]",
             [](Actor& actor, PortId port) { actor.runtime().MonitorPort(actor.self(), port); }),
      Charge("exit signal normal", "exit,[P,normal]",
             [](Actor& actor, PortId port) {
               actor.runtime().Exit(actor.self(), port, Term::Atom("normal"));
             }),
      Charge("message that is none", "'!',[P,{self(),foo}]",
             [](Actor& actor, PortId port) { actor.Bang(port, Term::Atom("foo")); }),
      Charge("connect by message", "'!',[P,{self(),{connect,self()}}]",
             [](Actor& actor, PortId port) { actor.Bang(port, ConnectTo(actor.pid())); }),
  };
  ExpectAsInErl(charges, ErlangVariables{{"Drivers", PORTLAB_DRIVERS}});
}

}  // namespace
}  // namespace portlab
