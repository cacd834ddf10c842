%% Ports and linked-in drivers that live in a portlab host instead of this node, under the names and
%% with the messages, answers and exceptions of `erlang` and `erl_ddll`. A port or driver of the node
%% itself, or anything else these functions take, is passed on to erlang or erl_ddll.
%%
%% Compile with portlab_transform to have existing sources call these. The first call starts a host;
%% start/1 does so with options:
%%
%%   {flavour, asan | plain | tsan}   default asan, or the environment variable PORTLAB_FLAVOUR
%%   {mode, strict | otp}             misuse of the driver API ends the host with a report, or does what
%%                                    it does in OTP; default strict, or PORTLAB_MODE
%%   {port_limit, N}  {schedulers, N}
%%   {seed, N}                        one thread at a time, chosen by this seed; time is virtual
%%   {tool, Path}                     the tool `portlab`; default: PORTLAB, beside this module, PATH
%%
%% When a driver brings its host down, this node lives. Who is linked to a port there gets
%% {'EXIT', Port, {portlab_host_down, Info}}; a call in progress, and every open_port after it, fails
%% with error:{portlab_host_down, Info}; the ports are closed ports. Info is a map: how, class, signal,
%% exit_status, sanitizer, callback, api_call, port, message. last_crash/0 has the whole report as
%% well, and restart/0 starts a fresh host.
-module(portlab).

-compile({no_auto_import, [open_port/2, port_command/2, port_command/3, port_control/3, port_close/1,
                           port_connect/2, link/1, unlink/1, monitor/2, monitor/3, demonitor/1,
                           demonitor/2, exit/2, register/2, unregister/1, whereis/1]}).

-export([start/0, start/1, start_link/0, start_link/1, stop/0, stop/1, restart/0, host_info/0,
         last_crash/0]).
-export([open_port/2, port_command/2, port_command/3, port_control/3, port_call/2, port_call/3,
         port_close/1, port_connect/2, port_info/1, port_info/2, port_set_data/2, port_get_data/1,
         ports/0, link/1, unlink/1, monitor/2, monitor/3, demonitor/1, demonitor/2, exit/2, send/2,
         send/3, send_nosuspend/2, send_nosuspend/3, register/2, unregister/1, whereis/1, system_info/1]).
-export([load/2, load_driver/2, try_load/3, unload/1, unload_driver/1, try_unload/2, reload/2,
         reload_driver/2, info/0, info/1, info/2, loaded_drivers/0, format_error/1]).

%% ---- Hosts ----

start() -> start([]).
start(Options) -> default(portlab_host:start(start, portlab_options:all(Options))).

start_link() -> start_link([]).
start_link(Options) -> default(portlab_host:start(start_link, portlab_options:all(Options))).

%% The first host is the one that functions without a port in their arguments mean.
default({ok, Host}) ->
    try erlang:register(portlab, Host) catch error:badarg -> ok end,
    {ok, Host};
default(Failed) -> Failed.

stop() -> stop(host()).
stop(Host) -> portlab_host:stop(Host).

%% Ends the default host, dead or alive, and starts another with its options.
restart() -> portlab_host:restart(host()).

host_info() -> portlab_host:info(host()).

%% What the last host that died left behind: Info, and the whole text as `report`; undefined: none did.
last_crash() -> persistent_term:get({portlab, last_crash}, undefined).

host() ->
    case erlang:whereis(portlab) of
        undefined ->
            case portlab_host:start(start, portlab_options:all([])) of
                {ok, Host} -> first(Host);
                {error, Reason} -> erlang:error(Reason)
            end;
        Host -> Host
    end.

%% Two processes may have found none.
first(Host) ->
    try erlang:register(portlab, Host), Host
    catch error:badarg -> portlab_host:stop(Host), host()
    end.

%% ---- Ports: one place, or erlang's ----

%% {Host, Number}: one of ours. closed: was. other: erlang is to say what it thinks of it.
port(Port) when is_port(Port) -> portlab_terms:find(Port);
port(Name) when is_atom(Name) ->
    case named(Name) of
        undefined -> other;
        Port -> portlab_terms:find(Port)
    end;
port(_) -> other.

%% The live port of that name.
named(Name) ->
    case erlang:whereis(Name) of
        undefined ->
            case erlang:whereis(portlab) of
                undefined -> undefined;
                Host -> live(Host, Name, portlab_host:name(Host, whereis, Name))
            end;
        _ -> undefined
    end.

live(_Host, _Name, undefined) -> undefined;
live(Host, Name, Port) ->
    case port_info(Port, id) of
        undefined ->
            portlab_host:name(Host, unregister, Name),
            undefined;
        _ -> Port
    end.

on_port(Name, Erlangs, Request) -> on_port(Name, Erlangs, Request, none).

on_port(Name, Erlangs, Request, Track) ->
    case port(Name) of
        other -> Erlangs();
        closed -> erlang:error(badarg);
        {Host, Number} ->
            case portlab_host:ask(Host, Request(Number), Track) of
                closed -> erlang:error(badarg);
                Answer -> portlab_host:value(Answer)
            end
    end.

open_port(Name, Options) ->
    portlab_host:value(portlab_host:ask(host(), {open_port, Name, Options}, open)).

port_command(Port, Data) ->
    on_port(Port, fun() -> erlang:port_command(Port, Data) end,
            fun(Number) -> {command, Number, Data, []} end).

port_command(Port, Data, Options) ->
    on_port(Port, fun() -> erlang:port_command(Port, Data, Options) end,
            fun(Number) -> {command, Number, Data, Options} end).

port_control(Port, Operation, Data) ->
    on_port(Port, fun() -> erlang:port_control(Port, Operation, Data) end,
            fun(Number) -> {control, Number, Operation, bytes(Data)} end).

%% A last byte that is not whole is filled up with zeros.
bytes(Data) ->
    case is_list(Data) andalso erlang:list_to_bitstring(Data) of
        false -> whole(Data);
        Bits -> whole(Bits)
    end.

whole(Bits) when is_bitstring(Bits) ->
    Missing = 8 * byte_size(Bits) - bit_size(Bits),
    <<Bits/bitstring, 0:Missing>>;
whole(_) -> erlang:error(badarg).

port_call(Port, Term) -> port_call(Port, 0, Term).

port_call(Port, Operation, Term) ->
    on_port(Port, fun() -> erlang:port_call(Port, Operation, Term) end,
            fun(Number) -> {call, Number, Operation, Term} end).

port_close(Port) ->
    on_port(Port, fun() -> erlang:port_close(Port) end, fun(Number) -> {close, Number} end).

port_connect(Port, Pid) ->
    case port(Port) of
        {Host, Number} when is_pid(Pid), node(Pid) =:= node() ->
            erlang:is_process_alive(Pid) orelse erlang:error(badarg),
            portlab_host:value(portlab_host:ask(Host, {connect, Number, Pid}, {connect, Pid, as_port(Port)}));
        other -> erlang:port_connect(Port, Pid);
        _ -> erlang:error(badarg)
    end.

as_port(Port) when is_port(Port) -> Port;
as_port(Name) -> named(Name).

ports() -> portlab_host:value(portlab_host:ask(host(), ports, none)).

system_info(port_count) -> portlab_host:value(portlab_host:ask(host(), port_count, none));
system_info(port_limit) -> portlab_host:value(portlab_host:ask(host(), port_limit, none));
system_info(Item) -> erlang:system_info(Item).

port_info(Port) ->
    case port(Port) of
        other -> erlang:port_info(Port);
        closed -> undefined;
        {Host, Number} -> portlab_info:all(Host, Number, as_port(Port))
    end.

port_info(Port, Item) ->
    case port(Port) of
        other -> erlang:port_info(Port, Item);
        closed -> undefined;
        {Host, Number} -> portlab_info:item(Host, Number, as_port(Port), Item)
    end.

port_set_data(Port, Data) ->
    port_data(Port, fun() -> erlang:port_set_data(Port, Data) end, set_data,
              fun(P) -> {P, Data} end).

port_get_data(Port) ->
    port_data(Port, fun() -> erlang:port_get_data(Port) end, get_data, fun(P) -> P end).

port_data(Port, Erlangs, What, Argument) ->
    case port(Port) of
        other -> Erlangs();
        closed -> erlang:error(badarg);
        {Host, _} ->
            port_info(Port, id) =/= undefined orelse erlang:error(badarg),
            portlab_host:name(Host, What, Argument(as_port(Port)))
    end.

%% ---- Signals ----

send(To, Message) ->
    case destination(To) of
        other -> To ! Message;
        closed -> Message;
        {Host, Number} -> _ = send_port(Host, Number, Message, false), Message
    end.

send(To, Message, Options) ->
    is_list(Options) andalso lists:all(fun(O) -> O =:= nosuspend orelse O =:= noconnect end, Options)
        orelse erlang:error(badarg),
    case destination(To) of
        other -> erlang:send(To, Message, Options);
        closed -> ok;
        {Host, Number} ->
            case send_port(Host, Number, Message, lists:member(nosuspend, Options)) of
                {ok, nosuspend} -> nosuspend;
                _ -> ok
            end
    end.

send_nosuspend(To, Message) -> send_nosuspend(To, Message, []).

send_nosuspend(To, Message, Options) -> send(To, Message, [nosuspend | Options]) =:= ok.

destination(Pid) when is_pid(Pid) -> other;
destination({Name, Node}) when Node =:= node() -> port(Name);
destination(To) -> port(To).

send_port(Host, Number, Message, Nosuspend) ->
    Track = case Message of
                {_, {connect, Pid}} when is_pid(Pid), node(Pid) =:= node() -> {mirror, Pid};
                _ -> none
            end,
    portlab_host:ask(Host, {send, Number, Message, Nosuspend}, Track).

exit(Port, Reason) when is_port(Port) ->
    case port(Port) of
        other -> erlang:exit(Port, Reason);
        closed -> true;
        {Host, Number} -> _ = portlab_host:ask(Host, {exit, Number, Reason}, none), true
    end;
exit(Pid, Reason) -> erlang:exit(Pid, Reason).

link(Port) when is_port(Port) ->
    case port(Port) of
        other -> erlang:link(Port);
        closed -> no_such_port(Port);
        {Host, Number} ->
            case portlab_host:ask(Host, {link, Number}, {link, Port}) of
                {ok, true} -> true;
                _ -> no_such_port(Port)
            end
    end;
link(Pid) -> erlang:link(Pid).

no_such_port(Port) ->
    case erlang:process_info(self(), trap_exit) of
        {trap_exit, true} -> self() ! {'EXIT', Port, noproc}, true;
        {trap_exit, false} -> erlang:error(noproc)
    end.

unlink(Port) when is_port(Port) ->
    case port(Port) of
        other -> erlang:unlink(Port);
        closed -> true;
        {Host, Number} -> _ = portlab_host:ask(Host, {unlink, Number}, {unlink, Port}), true
    end;
unlink(Pid) -> erlang:unlink(Pid).

monitor(port, Item) when is_port(Item); is_atom(Item) ->
    case port(Item) of
        other -> erlang:monitor(port, Item);
        closed -> gone(Item);
        {Host, Number} ->
            Track = {monitor, as_port(Item), monitored(Item)},
            case portlab_host:ask(Host, {monitor, Number}, Track) of
                {ok, Ref} -> Ref;
                _ -> gone(Item)
            end
    end;
monitor(driver, Item) -> portlab_ddll:monitor(host(), driver, Item);
monitor(Type, Item) -> erlang:monitor(Type, Item).

monitored(Name) when is_atom(Name) -> {Name, node()};
monitored(Port) -> Port.

gone(Item) ->
    Ref = make_ref(),
    self() ! {'DOWN', Ref, port, monitored(Item), noproc},
    Ref.

monitor(port, Item, _Options) when is_port(Item); is_atom(Item) -> monitor(port, Item);
monitor(Type, Item, Options) -> erlang:monitor(Type, Item, Options).

demonitor(Ref) ->
    case hosts_reference(Ref) of
        other -> erlang:demonitor(Ref);
        _ -> demonitor(Ref, []), true
    end.

demonitor(Ref, Options) ->
    case hosts_reference(Ref) of
        other -> erlang:demonitor(Ref, Options);
        closed -> flush(Ref, Options, false);
        {Host, reference} ->
            Found = portlab_host:ask(Host, none, {demonitor, Ref}) =:= {ok, true},
            flush(Ref, Options, Found)
    end.

hosts_reference(Ref) when is_reference(Ref) -> portlab_terms:find(Ref);
hosts_reference(_) -> other.

flush(Ref, Options, Found) ->
    Flush = lists:member(flush, Options),
    Came = Flush andalso receive {_, Ref, _, _, _} -> true after 0 -> false end,
    case lists:member(info, Options) of
        true -> Found andalso not Came;
        false -> true
    end.

%% ---- Registered names ----

register(Name, Port) when is_port(Port), is_atom(Name) ->
    case port(Port) of
        other -> erlang:register(Name, Port);
        closed -> erlang:error(badarg);
        {Host, _} ->
            Taken = Name =:= undefined orelse erlang:whereis(Name) =/= undefined
                orelse port_info(Port, id) =:= undefined,
            Taken andalso erlang:error(badarg),
            register_port(Host, Name, Port)
    end;
register(Name, Pid) ->
    is_atom(Name) andalso named(Name) =/= undefined andalso erlang:error(badarg),
    erlang:register(Name, Pid).

register_port(Host, Name, Port) ->
    case portlab_host:name(Host, register, {Name, Port}) of
        true -> true;
        named -> erlang:error(badarg);
        {taken, Other} ->
            live(Host, Name, Other) =:= undefined orelse erlang:error(badarg),
            register_port(Host, Name, Port)
    end.

unregister(Name) ->
    case is_atom(Name) andalso named(Name) of
        Port when is_port(Port) -> portlab_host:name(host(), unregister, Name);
        _ -> erlang:unregister(Name)
    end.

whereis(Name) ->
    case is_atom(Name) andalso named(Name) of
        Port when is_port(Port) -> Port;
        _ -> erlang:whereis(Name)
    end.

%% ---- erl_ddll ----

load(Path, Name) -> portlab_ddll:load(host(), Path, Name).
load_driver(Path, Name) -> portlab_ddll:load_driver(host(), Path, Name).
try_load(Path, Name, Options) -> portlab_ddll:try_load(host(), Path, Name, Options).
unload(Name) -> portlab_ddll:unload(host(), Name).
unload_driver(Name) -> portlab_ddll:unload_driver(host(), Name).
try_unload(Name, Options) -> portlab_ddll:try_unload(host(), Name, Options).
loaded_drivers() -> portlab_ddll:loaded_drivers(host()).
reload(Path, Name) -> portlab_ddll:reload(host(), Path, Name).
reload_driver(Path, Name) -> portlab_ddll:reload_driver(host(), Path, Name).
info() -> portlab_ddll:info(host()).
info(Name) -> portlab_ddll:info(host(), Name).
info(Name, Item) -> portlab_ddll:info(host(), Name, Item).
format_error(Reason) -> portlab_ddll:format_error(host(), Reason).
