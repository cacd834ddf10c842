%% The words of a scenario. This module and the scenarios are compiled twice: as they are, and with the calls that concern
%% ports mapped to portlab, so that the same text drives both.
%%
%% A scenario runs in a process of its own that traps exits; what it says, in this order, is what is compared. It may start
%% other processes, which may say something, too. Ports, pids and references are compared by the order of their appearance.
-module(differ_words).
-include("differ_drv.hrl").
-export([say/1, golden/2, next/0, next/1, quiet/0, quiet/1, arrived/0, attempt/1]).
-export([load/1, port/0, port/1, port/2, log/0, log/1, control/2, control/3]).
-export([elsewhere/1, child/1, ask/2, gone/1, settle/0]).
-export([ports/0, clean_up/1]).

-define(PATIENCE, 10000).
%% How long nothing must come to call it quiet, in milliseconds.
-define(QUIET, 30).

say(Term) ->
    differ_collector ! {said, Term},
    ok.

%% Says Seen, which OTP's recorded behaviour (otp_ports.md 9) says must be Recorded, on both sides.
golden(Recorded, Recorded) ->
    say(Recorded);
golden(Recorded, Seen) ->
    differ_collector ! {not_as_recorded, Recorded, Seen},
    ok.

%% The next message; nothing when none comes.
next() ->
    receive Message -> Message
    after ?PATIENCE -> nothing
    end.

next(Count) -> [next() || _ <- lists:seq(1, Count)].

%% Whatever comes within a short time: [] as a rule.
quiet() -> quiet(?QUIET).

quiet(Time) ->
    receive Message -> [Message | quiet(Time)]
    after Time -> []
    end.

%% What has come by now: of what this process did itself, everything is there.
arrived() ->
    _ = erlang:ports(),
    quiet(2).

%% What Fun returns, or the class and reason it fails with.
attempt(Fun) ->
    try Fun()
    catch Class:Reason -> {Class, Reason}
    end.

%% The driver's name, loaded, with a port that fetches its log. The load is the calling process's.
load(Driver) ->
    ok = erl_ddll:load_driver(persistent_term:get(differ_drivers), Driver),
    Reader = open_port({spawn_driver, atom_to_list(Driver) ++ " reader"}, []),
    unlink(Reader),
    put({reader, Driver}, Reader),
    Driver.

port() -> port([]).

port(Options) -> port(differ_drv, Options).

%% A port of the driver, which is loaded if this process has not done so; also "name words".
port(Command, Options) ->
    Text = if is_atom(Command) -> atom_to_list(Command); true -> Command end,
    Driver = list_to_atom(hd(string:lexemes(Text, " "))),
    get({reader, Driver}) =/= undefined orelse load(Driver),
    open_port({spawn_driver, Text}, Options).

log() -> log(differ_drv).

%% The driver's callbacks since the last time: "port event ..." each.
log(Driver) -> string:lexemes(port_control(get({reader, Driver}), ?LOG, ""), "\n").

control(Port, Operation) -> control(Port, Operation, "").

control(Port, Operation, Data) -> attempt(fun() -> port_control(Port, Operation, Data) end).

%% Runs Fun in another process and returns what it returned, when that process is gone.
elsewhere(Fun) ->
    {_, Monitor} = spawn_monitor(fun() -> exit({done, Fun()}) end),
    receive
        {'DOWN', Monitor, process, _, {done, Value}} -> Value;
        {'DOWN', Monitor, process, _, Why} -> {ended, Why}
    after ?PATIENCE -> stuck
    end.

%% Another process that does what it is asked; Trap: whether it traps exits.
child(Trap) ->
    Child = spawn(fun() ->
        process_flag(trap_exit, Trap),
        serve()
    end),
    ready = ask(Child, fun() -> ready end),
    Child.

serve() ->
    receive
        {ask, From, Ref, Fun} ->
            From ! {answer, Ref, Fun()},
            serve()
    end.

%% What Fun returns in that process; its next messages, say: ask(Child, fun() -> next() end).
ask(Child, Fun) ->
    Ref = make_ref(),
    Child ! {ask, self(), Ref, Fun},
    receive {answer, Ref, Value} -> Value
    after ?PATIENCE -> no_answer
    end.

%% Waits until the port is gone.
gone(Port) -> gone(Port, ?PATIENCE).

gone(_, Left) when Left < 0 -> still_there;
gone(Port, Left) ->
    case erlang:port_info(Port) of
        undefined -> gone;
        _ -> timer:sleep(2), gone(Port, Left - 2)
    end.

%% Lets signals that are under way arrive.
settle() -> timer:sleep(?QUIET).

%% For the runner: the ports of this side, and what a scenario leaves behind, which is closed and unloaded.
ports() -> erlang:ports().

clean_up(Before) ->
    [catch port_close(Port) || Port <- erlang:ports() -- Before],
    wait_until(fun() -> erlang:ports() -- Before =:= [] andalso loaded() =:= [] end, 200),
    [{port, erlang:port_info(Port, name)} || Port <- erlang:ports() -- Before] ++ [{driver, Driver} || Driver <- loaded()].

%% The drivers of these tests that are loaded now.
loaded() ->
    {ok, Drivers} = erl_ddll:loaded_drivers(),
    [Driver || "differ_" ++ _ = Driver <- Drivers].

wait_until(Fun, Tries) ->
    Tries =:= 0 orelse Fun() orelse begin timer:sleep(5), wait_until(Fun, Tries - 1) end.
