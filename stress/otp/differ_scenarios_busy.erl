%% Busy ports: who is suspended, who is refused, who goes through.
-module(differ_scenarios_busy).
-include("differ_drv.hrl").
-import(differ_words, [say/1, golden/2, next/0, next/1, quiet/0, arrived/0, attempt/1, port/0, port/1, port/2, log/0, log/1,
    control/2, control/3, child/1, ask/2, settle/0, load/1]).
-export([golden_82_force_on_soft_busy/0, golden_83_force_and_nosuspend/0, golden_84_killed_suspended_writer/0,
    golden_63_command_options/0, golden_69_send_nosuspend/0, suspended_until_idle/0, suspended_until_closed/0,
    suspended_by_message/0, others_are_not_suspended/0, order_behind_a_suspended_command/0, busy_after_output/0,
    message_queue_limits/0, busy_and_owner_exit/0, busy_twice/0]).

golden_82_force_on_soft_busy() ->
    P = port(differ_soft_drv, [binary]),
    control(P, ?BUSY),
    golden(true, port_command(P, "x", [force])),
    golden([{P, {data, [<<"x">>]}}], [{Port, {data, listed(Data)}} || {Port, {data, Data}} <- arrived()]),
    Q = port(),
    control(Q, ?BUSY),
    golden({error, notsup}, attempt(fun() -> port_command(Q, "x", [force]) end)),
    golden([], arrived()).

listed(Data) when is_binary(Data) -> [Data];
listed(Data) -> Data.

golden_83_force_and_nosuspend() ->
    P = port(differ_soft_drv, []),
    control(P, ?BUSY),
    golden(true, port_command(P, "x", [force, nosuspend])),
    golden(true, port_command(P, "x", [nosuspend, force])),
    golden(false, port_command(P, "x", [nosuspend])),
    say(arrived()).

golden_84_killed_suspended_writer() ->
    P = port(),
    control(P, ?BUSY),
    {Writer, M} = spawn_monitor(fun() -> port_command(P, "never") end),
    settle(),
    exit(Writer, kill),
    golden({'DOWN', M, process, Writer, killed}, next()),
    control(P, ?IDLE),
    port_command(P, "after"),
    golden([{P, {data, "after"}}], quiet()),
    say(log()).

golden_63_command_options() ->
    P = port(),
    golden({error, notsup}, attempt(fun() -> port_command(P, "a", [force]) end)),
    golden(true, port_command(P, "a", [nosuspend])),
    golden({error, badarg}, attempt(fun() -> port_command(P, "a", [foo]) end)),
    golden({error, badarg}, attempt(fun() -> port_command(P, "a", [nosuspend | x]) end)),
    say([attempt(fun() -> port_command(P, "a", Options) end) || Options <- [[], foo, [nosuspend, nosuspend], [nosuspend, foo]]]),
    control(P, ?BUSY),
    golden(false, port_command(P, "b", [nosuspend])),
    say(attempt(fun() -> port_command(P, [foo], [nosuspend]) end)),
    writer(P, 1, fun(Port) -> port_command(Port, [foo]) end),
    say(quiet()),
    control(P, ?IDLE),
    say(arrived()).

golden_69_send_nosuspend() ->
    P = port(),
    control(P, ?BUSY),
    golden(nosuspend, erlang:send(P, {self(), {command, "x"}}, [nosuspend])),
    say(erlang:send_nosuspend(P, {self(), {command, "x"}})),
    control(P, ?IDLE),
    golden(ok, erlang:send(P, {self(), {command, "y"}}, [nosuspend])),
    golden([{P, {data, "y"}}], arrived()).

%% A writer whose command waits; what it returns comes as {wrote,N,Result}.
writer(P, N, Fun) ->
    Me = self(),
    spawn(fun() -> Me ! {wrote, N, attempt(fun() -> Fun(P) end)} end).

suspended_until_idle() ->
    P = port(),
    control(P, ?BUSY),
    [writer(P, N, fun(Port) -> port_command(Port, "written") end) || N <- [1, 2, 3]],
    say(quiet()),
    say(erlang:port_info(P, output)),
    control(P, ?IDLE),
    say(lists:sort(next(6))),
    say(log()).

suspended_until_closed() ->
    P = port(),
    control(P, ?BUSY),
    writer(P, 1, fun(Port) -> port_command(Port, "written") end),
    writer(P, 2, fun(Port) -> Port ! {self(), {command, "sent"}}, sent end),
    say(quiet()),
    port_close(P),
    say(lists:sort(next(3))),
    say(quiet()),
    say(log()).

suspended_by_message() ->
    P = port(),
    Me = self(),
    control(P, ?BUSY),
    writer(P, 1, fun(Port) -> Port ! {Me, {command, "sent"}}, sent end),
    say(quiet()),
    control(P, ?IDLE),
    say(lists:sort(next(2))),
    say(quiet()).

others_are_not_suspended() ->
    P = port(),
    C = child(true),
    control(P, ?BUSY),
    say([ask(C, Fun) || Fun <- [fun() -> port_control(P, ?CALLER, "") end, fun() -> erlang:port_info(P, name) end,
        fun() -> link(P) end, fun() -> unlink(P) end, fun() -> erlang:port_call(P, 0, x) end,
        fun() -> port_connect(P, self()) end, fun() -> exit(P, foo) end]]),
    say(next()),
    say(ask(C, fun() -> quiet() end)).

order_behind_a_suspended_command() ->
    P = port(),
    Me = self(),
    control(P, ?BUSY),
    writer(P, 1, fun(Port) ->
        Port ! {Me, {command, "first"}},
        Result = port_control(Port, ?OUTPUT, "second"),
        Port ! {Me, {command, "third"}},
        Result
    end),
    say(quiet()),
    control(P, ?IDLE),
    say([M || M <- next(4)]),
    say(log()).

busy_after_output() ->
    P = port(),
    control(P, ?OUTPUT_MODE, [?MODE_BUSY_AFTERWARDS]),
    say(port_command(P, "first")),
    say(port_command(P, "refused", [nosuspend])),
    writer(P, 1, fun(Port) -> port_command(Port, "second") end),
    writer(P, 2, fun(Port) -> port_command(Port, "second") end),
    say(quiet()),
    control(P, ?IDLE),
    say(length(quiet())),
    control(P, ?IDLE),
    say(length(quiet())),
    control(P, ?IDLE),
    say(log()).

message_queue_limits() ->
    P = port(),
    say([control(P, ?MSGQ_LIMITS, Limits) || Limits <- [[0, 0], [5, 9], [0, 0], [5, 3], [0, 0], [9, 0], [0, 0], [0, 4], [0, 0]]]),
    Q = port([{busy_limits_msgq, {100, 200}}]),
    say(control(Q, ?MSGQ_LIMITS)),
    R = port([{busy_limits_msgq, {200, 100}}]),
    say(control(R, ?MSGQ_LIMITS)),
    S = port([{busy_limits_msgq, disabled}]),
    say(control(S, ?MSGQ_LIMITS)),
    say([control(S, ?MSGQ_LIMITS, [5, 9]), control(S, ?MSGQ_LIMITS)]).

busy_and_owner_exit() ->
    Me = self(),
    load(differ_drv),
    {_, M} = spawn_monitor(fun() ->
        P = open_port({spawn_driver, "differ_drv"}, []),
        port_control(P, ?BUSY, ""),
        Me ! {port, P},
        receive stop -> ok end
    end),
    P = receive {port, Port} -> Port end,
    writer(P, 1, fun(Busy) -> port_command(Busy, "written") end),
    say(quiet()),
    exit(element(2, erlang:port_info(P, connected)), kill),
    say(lists:sort([tag(Message, M) || Message <- next(2)])).

tag({'DOWN', M, process, _, Why}, M) -> {down, Why};
tag(Message, _) -> Message.

busy_twice() ->
    P = port(),
    control(P, ?BUSY_TWICE),
    say(port_command(P, "x", [nosuspend])),
    control(P, ?IDLE),
    control(P, ?BUSY),
    control(P, ?BUSY),
    say(port_command(P, "x", [nosuspend])),
    control(P, ?IDLE),
    say(port_command(P, "x", [nosuspend])),
    say(arrived()).
