// What a client of the bridge can ask: the port BIFs, and erl_ddll's primitives, as terms.
//
//   {open_port, Name, Options}          {command, Port, Iodata, [force | nosuspend]}
//   {control, Port, Operation, Binary}  {call, Port, Operation, Term}
//   {close, Port}  {connect, Port, Pid}  {info, Port}
//   {send, Port, Message, Nosuspend}    Port ! Message; the answer is ok, or nosuspend
//   {exit, Port, Reason}  {link, Port}  {unlink, Port}  {monitor, Port}  {demonitor, Port,
//   Reference} ports  port_count  port_limit {load_driver, Directory, Name}  {unload_driver, Name}
//   loaded_drivers  {driver_info, Name} {directory, Binary}                 the working directory,
//   as file:set_cwd/1
//
// Port is the port's number: the node has seen to it that it is one of this host's.
//
// Threads: the body of `self`. Errors: the BIF's; badarg for a request that is none of these.
// Source: erlang(3erl), erl_ddll(3erl).
#pragma once

#include <functional>
#include <optional>

#include "portlab/ddll.h"
#include "portlab/error.h"
#include "portlab/process.h"
#include "portlab/term.h"

namespace portlab {

// For Process::Until: called after every wake-up until it has the answer.
using BridgeStep = std::function<std::optional<Result<Term>>()>;

BridgeStep StepOf(Process& self, Ddll& ddll, const Term& request);

}  // namespace portlab
