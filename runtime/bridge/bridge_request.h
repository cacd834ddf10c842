// What a client of the bridge can ask: the port BIFs, and erl_ddll's primitives, as terms.
//
//   {open_port, Name, Options}
//   {command, Port, Iodata, [force | nosuspend]}
//   {send, Port, Message, Nosuspend}      Port ! Message; answers ok, or nosuspend
//   {control, Port, Operation, Iodata}    {call, Port, Operation, Term}
//   {connect, Port, Pid}                  {close, Port}    {info, Port}
//   {exit, Port, Reason}                  {link, Port}     {unlink, Port}
//   {monitor, Port}                       {demonitor, Port, Reference}
//   ports                                 port_count       port_limit
//   {try_load, Path, Name, Options}       {try_unload, Name, Options}
//   {monitor_driver, driver, Item}        {demonitor_driver, Reference}
//   driver_info                           {driver_info, Name}    {driver_info, Name, Item}
//   loaded_drivers                        {format_error, Reason}
//   {directory, Path}                     as file:set_cwd/1
//   {environment, [{Name, Value}]}        as os:putenv/2; false: as os:unsetenv/1
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
