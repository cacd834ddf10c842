// What the tables of golden_*.cc share: the steps that several behaviours take.
// Threads, ownership, errors: as Actor. Source: otp_ports.md 9.
#pragma once

#include "bif/port_info.h"
#include "stress/otp/actor.h"

namespace portlab {

inline PortId OpenCat(Actor& actor) { return actor.Open(R"({spawn,"cat"})", "[]"); }

// The second part of {Pid,{connect,NewOwner}} and {Pid,{command,Data}}.
inline Term ConnectTo(Pid pid) { return Term::Tuple({Term::Atom("connect"), Term::Of(pid)}); }
inline Term CommandOf(const Term& data) { return Term::Tuple({Term::Atom("command"), data}); }

// {Item,Value}, or undefined.
inline Term InfoItem(Actor& actor, PortId port, const char* item) {
  const Term info = actor.runtime().PortInfo(actor.self(), port);
  return PortInfoItem(info, item).value_or(info);
}

// As spawn(fun() -> … end), but done when it returns.
template <class Steps>
void InAnother(Actor& actor, Steps&& steps) {
  Actor other = actor.Another();
  steps(other);
}

}  // namespace portlab
