%% Does a sequence of random operations (differ_generator.erl) on one side, and observes: for each operation what it returned,
%% which messages each client has got since, and which callbacks the drivers had. Compiled twice, as the scenarios are.
%%
%% Clients are processes, replaced when they end. After each operation everything that follows from it is waited for, so
%% that the next one finds the same situation on both sides. A client whose operation does not return (its command waits for
%% a busy port) is blocked; what it returns at last is observed then, when a port becomes idle or is made so.
-module(differ_world).
-include("differ_drv.hrl").
-export([run/2]).

-record(world, {clients = #{}, ports = #{}, refs = #{}, readers = #{}, seen, serial = 0, dead, patience, late = []}).

-define(CLIENTS, 3).
%% How many operations of a blocked client are passed over until all ports are made idle.
-define(BLOCKED_FOR, 2).
%% How long an operation that cannot wait may take, in milliseconds.
-define(MUCH_PATIENCE, 10000).
%% Rounds that must bring nothing, and that what was started gets to come.
-define(QUIET_ROUNDS, 2).
-define(PATIENT_ROUNDS, 100).
-define(DRIVERS, [differ_drv, differ_soft_drv, differ_lock_drv]).

%% [{Operation, Result, Clients, Log}], normalised. Patience: how long an operation may take before it is blocked, in
%% milliseconds.
run(Operations, Patience) ->
    Self = self(),
    {Pid, Monitor} = spawn_monitor(fun() -> Self ! {observed, self(), live(Operations, Patience)} end),
    receive
        {observed, Pid, Observations} ->
            receive {'DOWN', Monitor, process, Pid, _} -> Observations end;
        {'DOWN', Monitor, process, Pid, Why} -> [{world_ended, Why}]
    end.

live(Operations, Patience) ->
    Before = erlang:ports(),
    {Dead, Monitor} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', Monitor, process, Dead, _} -> ok end,
    Readers = maps:from_list([{Driver, reader(Driver)} || Driver <- [differ_drv, differ_soft_drv]]),
    World = lists:foldl(fun start_client/2, #world{readers = Readers, dead = Dead, patience = Patience,
        seen = differ_normalise:name(Dead, dead, differ_normalise:new())}, lists:seq(1, ?CLIENTS)),
    {Observations, Last} = lists:mapfoldl(fun step/2, World, Operations),
    [exit(Pid, kill) || {Pid, _} <- maps:values(Last#world.clients)],
    [catch port_close(Port) || Port <- erlang:ports() -- Before],
    [catch port_control(Port, ?DEQ, [200]) || Port <- maps:values(Last#world.ports)],
    Observations.

reader(Driver) ->
    ok = erl_ddll:load_driver(persistent_term:get(differ_drivers), Driver),
    Reader = open_port({spawn_driver, atom_to_list(Driver) ++ " reader"}, []),
    unlink(Reader),
    Reader.

%% ---- clients

start_client(Number, World = #world{clients = Clients, serial = Serial, seen = Seen}) ->
    {Pid, _} = spawn_monitor(fun() -> process_flag(trap_exit, true), serve() end),
    Name = list_to_atom(lists:concat([client, Number, '_', Serial])),
    World#world{clients = Clients#{Number => {Pid, free}}, serial = Serial + 1,
        seen = differ_normalise:name(Pid, Name, Seen)}.

serve() ->
    receive
        {differ, From, Tag, drain} -> From ! {differ, Tag, drain()};
        {differ, From, Tag, Fun} -> From ! {differ, Tag, attempt(Fun)}
    end,
    serve().

drain() ->
    receive
        Message when element(1, Message) =/= differ -> [one_kind(Message) | drain()]
    after 0 -> []
    end.

attempt(Fun) ->
    try Fun()
    catch Class:Reason -> {Class, Reason}
    end.

%% ---- one operation

step(Operation, World0) ->
    {Result, World1} = do(Operation, World0#world{late = []}),
    {Rounds, World2} = settle(World1),
    {Gone, World3} = replace_the_dead(World2),
    %% What a client that ends still got done is a race, on OTP with itself.
    Late = [{Number, Value} || {Number, Value} <- World3#world.late, not lists:keymember(Number, 1, Gone)],
    Messages = [{Number, by_sender(lists:append([Got || {messages, N, Got} <- Rounds, N =:= Number]))}
        || Number <- lists:seq(1, ?CLIENTS)],
    Log = [{Driver, by_port(lists:append([Lines || {log, D, Lines} <- Rounds, D =:= Driver]))}
        || Driver <- maps:keys(World3#world.readers)],
    {client, Actor} = element(2, Operation),
    Observed = {case lists:keymember(Actor, 1, Gone) of true -> ended; false -> Result end, {late, lists:sort(Late)}, {gone, lists:sort(Gone)}, [M || M = {_, Got} <- Messages, Got =/= []],
        [L || L = {_, Lines} <- Log, Lines =/= []]},
    {Normal, Seen} = differ_normalise:term(Observed, World3#world.seen),
    {{Operation, Normal}, World3#world{seen = Seen}}.

%% Of one sender the order counts; between senders none is promised.
by_sender(Messages) ->
    Senders = lists:foldl(fun(M, Found) -> case lists:member(sender(M), Found) of true -> Found; false -> Found ++ [sender(M)] end end,
        [], Messages),
    lists:sort([[M || M <- Messages, sender(M) =:= Sender] || Sender <- Senders]).

%% Callbacks of one port are in order; between ports none is promised.
by_port(Lines) -> lists:keysort(1, [{hd(string:lexemes(Line, " ")), Line} || Line <- Lines]).

%% OTP calls the port a process when the reason is no simple term; a scenario has that in the table of differences.
one_kind({'DOWN', Ref, process, Port, Why}) when is_port(Port), not is_atom(Why) -> {'DOWN', Ref, port, Port, Why};
one_kind(Message) -> Message.

sender({'EXIT', From, _}) -> From;
sender({'DOWN', _, _, From, _}) -> From;
sender({'UP', _, driver, _, _}) -> driver;
sender({probe, _, Port}) -> Port;
sender({Port, _}) -> Port;
sender(Message) when tuple_size(Message) > 8 -> element(10, Message);
sender(_) -> other.

do(Operation, World) ->
    {client, Number} = element(2, Operation),
    case maps:get(Number, World#world.clients) of
        {Pid, free} ->
            Waiting = [N || {N, {_, {blocked, _, _}}} <- maps:to_list(World#world.clients)],
            case may_wait(Operation) andalso Waiting =/= [] of
                true -> {another_is_blocked, all_idle(World)};
                false -> act(Operation, Number, Pid, World)
            end;
        {Pid, _} when element(1, Operation) =:= client_exit -> act(Operation, Number, Pid, World);
        {Pid, {blocked, Tag, 0}} -> {client_is_blocked, all_idle(blocked(Number, Pid, Tag, ?BLOCKED_FOR, World))};
        {Pid, {blocked, Tag, Left}} -> {client_is_blocked, blocked(Number, Pid, Tag, Left - 1, World)}
    end.

%% One client at a time: the order in which several go on is nobody's promise.
may_wait({command, _, _, _, Options}) -> Options =:= [];
may_wait({bang, _, _, _}) -> true;
may_wait(_) -> false.

blocked(Number, Pid, Tag, Left, World) ->
    World#world{clients = (World#world.clients)#{Number => {Pid, {blocked, Tag, Left}}}}.

%% Lets who waits for a busy port go on.
all_idle(World) ->
    [catch port_control(Port, ?IDLE, "") || Port <- maps:values(World#world.ports)],
    World.

%% Some operations are the world's own; the others are done in the client.
act({open, _, {slot, Slot}, Command, Options}, Number, Pid, World = #world{ports = Ports}) ->
    case Ports of
        #{Slot := Old} ->
            case erlang:port_info(Old) of
                undefined -> open(Slot, Command, Options, Number, Pid, World);
                _ -> {slot_is_taken, World}
            end;
        _ -> open(Slot, Command, Options, Number, Pid, World)
    end;
act({client_exit, _, Reason}, _, Pid, World) ->
    exit(Pid, case Reason of normal -> shutdown; _ -> Reason end),
    {true, World};
act({monitor, _, Port} = Operation, Number, Pid, World = #world{refs = Refs}) ->
    case differ_operations:resolve(Port, World#world.ports) of
        {ok, Term} ->
            {Result, After} = in_client(fun() -> erlang:monitor(port, Term) end, Operation, Number, Pid, World),
            {Result, After#world{refs = Refs#{Number => Result}}};
        none -> {no_port, World}
    end;
act({demonitor, _, Options} = Operation, Number, Pid, World) ->
    case World#world.refs of
        #{Number := Ref} when is_reference(Ref) -> in_client(fun() -> erlang:demonitor(Ref, Options) end, Operation, Number, Pid, World);
        _ -> {no_monitor, World}
    end;
act(Operation, Number, Pid, World = #world{ports = Ports, dead = Dead}) ->
    Clients = maps:map(fun(_, {Client, _}) -> Client end, World#world.clients),
    case differ_operations:function(Operation, Ports, Clients, Dead) of
        none -> {no_port, World};
        Fun -> in_client(Fun, Operation, Number, Pid, World)
    end.

open(Slot, Command, Options, Number, Pid, World) ->
    {Result, After} = in_client(fun() -> open_port({spawn_driver, Command}, Options) end, {open}, Number, Pid, World),
    case Result of
        Port when is_port(Port) -> {Result, After#world{ports = (After#world.ports)#{Slot => Port}}};
        _ -> {Result, After}
    end.

in_client(Fun, Operation, Number, Pid, World) ->
    Tag = make_ref(),
    Pid ! {differ, self(), Tag, Fun},
    receive
        {differ, Tag, Result} -> {Result, World};
        {'DOWN', _, process, Pid, _} = Down -> self() ! Down, {ended, World}
    after patience(Operation, World) ->
        {blocked, blocked(Number, Pid, Tag, ?BLOCKED_FOR, World)}
    end.

%% What cannot wait for anything is only slow.
patience(Operation, #world{patience = Patience}) ->
    case may_wait(Operation) orelse element(1, Operation) =:= ddll andalso tuple_size(Operation) =:= 3 of
        true -> Patience;
        false -> ?MUCH_PATIENCE
    end.

%% ---- what follows

%% Rounds of looking until two of them brought nothing and nothing is awaited any more.
settle(World) -> settle(World, ?QUIET_ROUNDS, [], []).

settle(World, 0, [], Rounds) -> {lists:append(lists:reverse(Rounds)), World};
settle(World, Quiet, Awaited, Rounds) ->
    if Awaited =:= [] -> erlang:yield(); true -> timer:sleep(2) end,
    Logs = [{log, Driver, Lines} || Driver <- ?DRIVERS, Lines <- [log(Driver, World)], Lines =/= []],
    {Late, World1} = lists:foldl(fun collect_late/2, {[], World}, lists:seq(1, ?CLIENTS)),
    Messages = [{messages, Number, Got} || Number <- lists:seq(1, ?CLIENTS), Got <- [drain(Number, World1)], Got =/= []],
    StillAwaited = lists:foldl(fun awaited/2, [{What, Tries - 1} || {What, Tries} <- Awaited, Tries > 0],
        [{Driver, string:lexemes(Line, " ")} || {log, Driver, Lines} <- Logs, Line <- Lines]),
    case {Logs, Late, Messages} of
        {[], [], []} -> settle(World1, max(0, Quiet - 1), StillAwaited, Rounds);
        _ -> settle(World1#world{late = Late ++ World1#world.late}, ?QUIET_ROUNDS, StillAwaited, [Logs ++ Messages | Rounds])
    end.

%% A timer, a job or a descriptor that a driver has started is awaited, for so many rounds.
awaited({Driver, [Port, "timer", _]}, Awaited) -> [{{Driver, Port, timeout}, ?PATIENT_ROUNDS} | Awaited];
awaited({Driver, [Port, "async"]}, Awaited) -> [{{Driver, Port, job}, ?PATIENT_ROUNDS} | Awaited];
awaited({Driver, [Port, "pipe"]}, Awaited) -> [{{Driver, Port, pipe}, ?PATIENT_ROUNDS} | Awaited];
awaited({Driver, [Port, "timeout" | _]}, Awaited) -> lists:keydelete({Driver, Port, timeout}, 1, Awaited);
awaited({Driver, [Port, "ready_async" | _]}, Awaited) -> lists:keydelete({Driver, Port, job}, 1, Awaited);
awaited({Driver, [Port, "ready_input", "0"]}, Awaited) -> lists:keydelete({Driver, Port, pipe}, 1, Awaited);
awaited({Driver, [Port, "stop" | _]}, Awaited) -> [A || A = {{D, P, _}, _} <- Awaited, {D, P} =/= {Driver, Port}];
awaited(_, Awaited) -> Awaited.

%% Clients load and unload differ_lock_drv: its log comes through one of its ports, while there is one. That is enough to
%% await what was started, not to be compared.
log(Driver, #world{readers = Readers, ports = Ports}) ->
    Through = case Readers of
        #{Driver := Reader} -> [Reader];
        _ -> lists:usort([Port || Port <- maps:values(Ports), {name, Name} <- [erlang:port_info(Port, name)],
            string:prefix(Name, atom_to_list(Driver)) =/= nomatch])
    end,
    log_through(Through).

log_through([]) -> [];
log_through([Port | Others]) ->
    try port_control(Port, ?LOG, "") of
        Log when is_binary(Log) -> string:lexemes(binary_to_list(Log), "\n");
        Log -> string:lexemes(Log, "\n")
    catch error:badarg -> log_through(Others)
    end.

drain(Number, #world{clients = Clients}) ->
    case maps:get(Number, Clients) of
        {_, {blocked, _, _}} -> [];
        {Pid, free} ->
            Tag = make_ref(),
            Monitor = erlang:monitor(process, Pid),
            Pid ! {differ, self(), Tag, drain},
            receive
                {differ, Tag, Messages} -> erlang:demonitor(Monitor, [flush]), Messages;
                {'DOWN', Monitor, process, Pid, _} -> []
            end
    end.

collect_late(Number, {Late, World}) ->
    case maps:get(Number, World#world.clients) of
        {Pid, {blocked, Tag, _}} ->
            receive
                {differ, Tag, Value} ->
                    {[{Number, Value} | Late], World#world{clients = (World#world.clients)#{Number => {Pid, free}}}}
            after 0 -> {Late, World}
            end;
        _ -> {Late, World}
    end.

replace_the_dead(World = #world{clients = Clients, refs = Refs}) ->
    receive
        {'DOWN', _, process, Pid, Why} ->
            case [Number || {Number, {P, _}} <- maps:to_list(Clients), P =:= Pid] of
                [Number] ->
                    {More, After} = replace_the_dead(start_client(Number, World#world{refs = maps:remove(Number, Refs)})),
                    {[{Number, Why} | More], After};
                [] -> replace_the_dead(World)
            end
    after 0 -> {[], World}
    end.
