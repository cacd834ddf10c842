%% How ports end: driver_failure and its like, flush, close, exit signals.
-module(differ_scenarios_ends).
-include("differ_drv.hrl").
-import(differ_words, [say/1, golden/2, next/0, next/1, quiet/0, arrived/0, attempt/1, port/0, port/1, port/2, log/0,
    control/2, control/3, elsewhere/1, gone/1, settle/0]).
-export([golden_86_failures/0, golden_87_driver_exit/0, golden_88_eof_twice/0, golden_89_flush_with_a_timer/0,
    failures_with_eof/0, failure_with_partial_line/0, failure_with_queue/0, after_failure/0, failure_in_output/0, flush_now/0,
    flush_never_and_kill/0, closing_port/0, golden_40_close_twice/0, golden_41_close_by_message/0,
    golden_42_close_by_a_stranger/0, golden_43_close_in_the_owners_name/0, golden_47_after_close/0, golden_56_exit_signals/0, down_with_a_compound_reason/0,
    order_of_the_end/0, many_ends_at_once/0, failure_from_timer/0]).

golden_86_failures() ->
    [begin
        P = port(),
        say(control(P, Operation, Data)),
        golden({'EXIT', P, Reason}, next()),
        say({erlang:port_info(P), control(P, ?CALLER), quiet()}),
        say(log())
     end || {Operation, Data, Reason} <- [{?FAIL_ATOM, "foo", foo}, {?FAIL_POSIX, [32], epipe}, {?FAIL, [17], 17},
        {?FAIL, [0], normal}, {?EOF, "", normal}]],
    ok.

golden_87_driver_exit() ->
    [begin
        P = port(),
        M = erlang:monitor(port, P),
        say(control(P, ?EXIT, [Error])),
        golden({'DOWN', M, port, P, Reason}, next()),
        golden(undefined, erlang:port_info(P)),
        golden([], quiet()),
        say(log())
     end || {Error, Reason} <- [{0, normal}, {2, enoent}]],
    ok.

golden_88_eof_twice() ->
    P = port([eof]),
    control(P, ?EOF),
    control(P, ?EOF),
    golden([{P, eof}, {P, eof}], next(2)),
    golden(true, port_close(P)),
    golden({'EXIT', P, normal}, next()).

golden_89_flush_with_a_timer() ->
    P = port(),
    control(P, ?ENQ, "some bytes"),
    P ! {self(), close},
    golden({'EXIT', P, normal}, next()),
    golden("owner", control(P, ?CALLER)),
    golden({error, badarg}, attempt(fun() -> port_command(P, "x") end)),
    golden({error, badarg}, attempt(fun() -> port_close(P) end)),
    golden({P, closed}, next()),
    golden({error, badarg}, control(P, ?CALLER)),
    say(log()).

failures_with_eof() ->
    [begin
        P = port([eof]),
        control(P, Operation, Data),
        say({Operation, arrived(), erlang:port_info(P, name)}),
        P ! {self(), close},
        say(arrived())
     end || {Operation, Data} <- [{?FAIL, [0]}, {?FAIL, [1]}, {?FAIL_POSIX, [0]}, {?FAIL_ATOM, "normal"}, {?EXIT, [0]},
        {?FAIL_POSIX, [200]}]],
    say(log()).

failure_with_partial_line() ->
    [begin
        P = port([{line, 10} | Options]),
        control(P, ?OUTPUT, "ab\ncd"),
        control(P, Operation, Data),
        say(arrived()),
        say(erlang:port_info(P, name))
     end || {Operation, Data} <- [{?EOF, ""}, {?FAIL_ATOM, "foo"}, {?FAIL, [0]}, {?FAIL_POSIX, [5]}, {?EXIT, [0]}],
        Options <- [[], [binary], [eof]]],
    ok.

failure_with_queue() ->
    [begin
        P = port(),
        control(P, ?ENQ, "some bytes"),
        control(P, Operation, "a"),
        say(arrived()),
        say({erlang:port_info(P, name), log()})
     end || Operation <- [?FAIL_ATOM, ?FAIL_POSIX, ?FAIL, ?EOF, ?EXIT]],
    ok.

after_failure() ->
    P = port(),
    say(control(P, ?AFTER_FAILURE)),
    say(arrived()),
    say(log()).

failure_in_output() ->
    P = port(),
    control(P, ?OUTPUT_MODE, [?MODE_FAIL]),
    say(attempt(fun() -> port_command(P, "x") end)),
    say(arrived()),
    Q = port(differ_soft_drv, []),
    control(Q, ?OUTPUT_MODE, [?MODE_FAIL]),
    Q ! {self(), {command, "x"}},
    say(arrived()).

flush_now() ->
    P = port(),
    control(P, ?ENQ, "some bytes"),
    control(P, ?FLUSH_MODE, [?DRAIN_NOW]),
    P ! {self(), close},
    say(next(2)),
    say(log()).

flush_never_and_kill() ->
    P = port(),
    control(P, ?ENQ, "some bytes"),
    control(P, ?FLUSH_MODE, [?DRAIN_NEVER]),
    M = erlang:monitor(port, P),
    port_close(P),
    golden([{'EXIT', P, normal}, {'DOWN', M, port, P, normal}], next(2)),
    say({erlang:port_info(P, queue_size), erlang:port_info(P, links)}),
    exit(P, kill),
    settle(),
    say({erlang:port_info(P, queue_size), quiet()}),
    control(P, ?DEQ, [10]),
    say(gone(P)),
    say(log()),
    Q = port(),
    control(Q, ?ENQ, "some bytes"),
    exit(Q, kill),
    say(next()),
    say(gone(Q)),
    say(log()).

closing_port() ->
    P = port(),
    control(P, ?ENQ, "some bytes"),
    control(P, ?FLUSH_MODE, [?DRAIN_NEVER]),
    Count = erlang:system_info(port_count),
    port_close(P),
    say(next()),
    say({lists:member(P, erlang:ports()), erlang:system_info(port_count) - Count}),
    say([erlang:port_info(P, Item) || Item <- [name, links, connected, input, output, queue_size, monitors, locking]]),
    say({control(P, ?PEEKQ), attempt(fun() -> erlang:port_call(P, 0, x) end)}),
    say([attempt(fun() -> port_command(P, "x") end), attempt(fun() -> port_connect(P, self()) end),
        attempt(fun() -> port_close(P) end)]),
    say(attempt(fun() -> erlang:port_get_data(P) end)),
    P ! {self(), {command, "x"}},
    P ! {self(), close},
    P ! foo,
    say(quiet()),
    erlang:monitor(port, P),
    say(next()),
    say(link(P)),
    say(next()),
    control(P, ?OUTPUT, "still said"),
    control(P, ?OUTPUT_TERM),
    say(arrived()),
    control(P, ?SET_TIMER, [1]),
    settle(),
    say(arrived()),
    control(P, ?DEQ, [3]),
    say(erlang:port_info(P, queue_size)),
    control(P, ?DEQ, [7]),
    say(gone(P)),
    say(log()).

golden_40_close_twice() ->
    P = port(),
    golden(true, port_close(P)),
    golden({error, badarg}, attempt(fun() -> port_close(P) end)),
    golden([{'EXIT', P, normal}], quiet()),
    say(log()).

golden_41_close_by_message() ->
    P = port(),
    golden({self(), close}, P ! {self(), close}),
    golden([{'EXIT', P, normal}, {P, closed}], quiet()).

golden_42_close_by_a_stranger() ->
    P = port(),
    elsewhere(fun() -> P ! {self(), close} end),
    golden([{'EXIT', P, badsig}], quiet()),
    golden(true, port_command(P, "x")),
    golden({P, {data, "x"}}, next()).

golden_43_close_in_the_owners_name() ->
    P = port(),
    Owner = self(),
    elsewhere(fun() -> P ! {Owner, close} end),
    golden([{'EXIT', P, normal}, {P, closed}], quiet()).

golden_47_after_close() ->
    P = port(),
    port_close(P),
    say(next()),
    golden(foo, P ! foo),
    [golden({error, badarg}, attempt(Fun))
     || Fun <- [fun() -> port_command(P, "x") end, fun() -> port_command(P, "x", [nosuspend]) end,
        fun() -> port_control(P, 1, "x") end, fun() -> erlang:port_call(P, 1, x) end, fun() -> port_connect(P, self()) end,
        fun() -> erlang:port_get_data(P) end, fun() -> erlang:port_set_data(P, x) end]],
    golden(undefined, erlang:port_info(P)),
    golden(undefined, erlang:port_info(P, name)),
    say({exit(P, kill), exit(P, normal), unlink(P)}),
    say({P ! {self(), {command, "x"}}, P ! {self(), close}, erlang:send(P, foo, [nosuspend])}),
    golden([], quiet()).

golden_56_exit_signals() ->
    [begin
        P = port(),
        M = erlang:monitor(port, P),
        elsewhere(fun() -> exit(P, Reason) end),
        golden({'EXIT', P, Seen}, next()),
        {'DOWN', M, _, P, Why} = next(),
        golden(Seen, Why),
        say(log())
     end || {Reason, Seen} <- [{normal, normal}, {kill, killed}, {{why, 1}, {why, 1}}, {shutdown, shutdown}]],
    P = port(),
    M = erlang:monitor(port, P),
    exit(P, {why, 1}),
    say(lists:keydelete(M, 2, next(2))),
    Q = port(),
    control(Q, ?ENQ, "bytes"),
    exit(Q, some_reason),
    say(next()),
    say(gone(Q)),
    say(log()).

%% OTP calls the port a process when the reason is no simple term (table of differences).
down_with_a_compound_reason() ->
    P = port(),
    erlang:monitor(port, P),
    unlink(P),
    exit(P, {why, 1}),
    say(next()).

order_of_the_end() ->
    P = port(),
    M = erlang:monitor(port, P),
    register(differ_name, P),
    P ! {self(), close},
    golden([{'EXIT', P, normal}, {'DOWN', M, port, P, normal}, {P, closed}], next(3)),
    say(whereis(differ_name)),
    say(log()).

many_ends_at_once() ->
    Ports = [port(Options) || Options <- [[], [binary], [eof], [{line, 3}]]],
    [P ! {self(), close} || P <- Ports],
    say([[M || M <- quiet(), element(1, M) =:= P orelse element(2, M) =:= P] || P <- Ports]),
    say(log()).

failure_from_timer() ->
    P = port(),
    control(P, ?SET_TIMER, [250]),
    say(control(P, ?READ_TIMER)),
    control(P, ?FAIL_ATOM, "foo"),
    say(quiet()),
    say(log()).
