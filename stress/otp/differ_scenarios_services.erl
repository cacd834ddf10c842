%% What a driver asks of its port: control and call replies, queue, timer, async jobs, descriptors, flags.
-module(differ_scenarios_services).
-include("differ_drv.hrl").
-import(differ_words, [say/1, next/0, quiet/0, arrived/0, attempt/1, port/0, port/1, port/2, log/0, log/1, control/2,
    control/3, settle/0]).
-export([control_replies/0, control_refused/0, control_data/0, control_operations/0, calls/0, call_errors/0, queue/0,
    timer/0, async/0, pipe/0, port_flags/0, os_pid/0, port_data/0, driver_lock/0, pipe_and_close/0, async_and_close/0,
    call_sizes/0, peekqv_of_null/0, dl_error/0]).

control_replies() ->
    P = port(),
    say([control(P, ?REPLY_LONG, [N]) || N <- [0, 1, 64, 65, 255]]),
    say(control(P, ?REPLY_NULL)),
    control(P, ?CONTROL_FLAGS, [1]),
    say([control(P, ?REPLY_LONG, [N]) || N <- [0, 1, 64]]),
    say(control(P, ?REPLY_NULL)),
    say([control(P, ?REPLY_BINARY, [N]) || N <- [0, 1, 64, 200]]),
    control(P, ?CONTROL_FLAGS, [2]),
    say(control(P, ?CALLER)),
    control(P, ?CONTROL_FLAGS, [0]),
    say(control(P, ?CALLER)).

control_refused() ->
    P = port(),
    say([control(P, Operation) || Operation <- [?REFUSE, 99, 0, 16#ffffffff, 16#100000000, -1, foo, 1.0]]),
    say(arrived()),
    say(log()).

control_data() ->
    P = port(),
    say([control(P, ?ENQ, Data) || Data <- ["", <<>>, "a", <<"b">>, ["c", <<"d">> | <<"e">>], [256], foo, [foo], 17, {}]]),
    say(control(P, ?PEEKQ)),
    control(P, ?DEQ, [200]),
    say(log()),
    exit(P, kill).

control_operations() ->
    P = port(),
    [control(P, Operation) || Operation <- [90, 16#7fffffff, 16#80000000, 16#ffffffff]],
    say(log()).

calls() ->
    P = port(),
    say([attempt(fun() -> erlang:port_call(P, 0, Term) end)
     || Term <- [{a, -5, "xyz", 1.5, <<"b">>, []}, [1 | 2], #{k => v}, 123456789012345678901234567890, lists:duplicate(300, $z),
        P, self(), {}, <<>>, 'atom with space', 0, -1, 255, 256, 1 bsl 31, -(1 bsl 31), 1 bsl 63, [[]]]]),
    say(erlang:port_call(P, hello)),
    say(log()).

call_sizes() ->
    P = port(),
    say([byte_size(erlang:port_call(P, 0, binary:copy(<<"c">>, N))) || N <- [1, 248, 249, 250, 251, 252, 300, 5000]]),
    Ref = make_ref(),
    say(erlang:port_call(P, 0, Ref) =:= Ref),
    say(log()).

call_errors() ->
    P = port(),
    say([attempt(fun() -> erlang:port_call(P, Operation, x) end) || Operation <- [1, 2, 3, -1, 16#100000000, foo]]),
    say(attempt(fun() -> erlang:port_call(foo, 0, x) end)),
    say(log()).

queue() ->
    P = port(),
    say([control(P, ?ENQ, "def"), control(P, ?PUSHQ, "abc"), control(P, ?ENQ, ""), control(P, ?PEEKQ)]),
    say(erlang:port_info(P, queue_size)),
    say([control(P, ?DEQ, [N]) || N <- [0, 2, 5, 4, 1]]),
    say([control(P, ?PEEKQ), erlang:port_info(P, queue_size)]),
    control(P, ?OUTPUT_MODE, [?MODE_QUEUE]),
    port_command(P, "queued"),
    P ! {self(), {command, [<<" too">>]}},
    say([control(P, ?PEEKQ), erlang:port_info(P, queue_size)]),
    control(P, ?DEQ, [10]),
    Q = port(differ_soft_drv, []),
    control(Q, ?OUTPUT_MODE, [?MODE_QUEUE]),
    port_command(Q, ["ab", binary:copy(<<"x">>, 100), <<"c">>]),
    say([control(Q, ?PEEKQ), erlang:port_info(Q, queue_size)]),
    control(Q, ?DEQ, [103]).

timer() ->
    P = port(),
    say([control(P, ?READ_TIMER), control(P, ?SET_TIMER, [220]), control(P, ?READ_TIMER), control(P, ?CANCEL_TIMER),
        control(P, ?READ_TIMER), control(P, ?CANCEL_TIMER)]),
    control(P, ?SET_TIMER, [1]),
    say(next()),
    say(control(P, ?READ_TIMER)),
    control(P, ?SET_TIMER, [0]),
    say(next()),
    control(P, ?SET_TIMER, [5]),
    control(P, ?SET_TIMER, [220]),
    say(quiet()),
    control(P, ?SET_TIMER, [5]),
    say(next()),
    control(P, ?SET_TIMER, [5]),
    control(P, ?CANCEL_TIMER),
    say(quiet()),
    say(log()).

async() ->
    P = port(),
    say(control(P, ?ASYNC, [0])),
    say(next()),
    say([control(P, ?ASYNC, [1]) || _ <- [1, 2, 3]]),
    say([next() || _ <- [1, 2, 3]]),
    say(lists:sort(log())).

async_and_close() ->
    P = port(),
    control(P, ?ASYNC, [0]),
    port_close(P),
    settle(),
    say([Line || Line <- log(), string:find(Line, "ready_async") =:= nomatch]),
    say([M || M <- quiet(), element(1, M) =/= probe]).

pipe() ->
    [begin
        P = port(Options),
        control(P, ?PIPE),
        say([next(), next()]),
        say(log())
     end || Options <- [[], [binary], [{line, 3}]]],
    ok.

pipe_and_close() ->
    P = port(),
    control(P, ?PIPE),
    control(P, ?FAIL_ATOM, "foo"),
    settle(),
    say([M || M <- quiet(), element(1, M) =:= 'EXIT']).

port_flags() ->
    say([control(port(Options), ?PORT_FLAGS)
     || Options <- [[], [binary], [{line, 5}], [line, binary], [eof], [{packet, 2}], [in], [stream, binary]]]).

os_pid() ->
    P = port(),
    say(erlang:port_info(P, os_pid)),
    control(P, ?OS_PID, [77]),
    say(erlang:port_info(P, os_pid)),
    say(lists:keyfind(os_pid, 1, erlang:port_info(P))).

port_data() ->
    P = port(),
    say(erlang:port_get_data(P)),
    [begin say(erlang:port_set_data(P, Term)), say(erlang:port_get_data(P)) end
     || Term <- [{a, [1]}, 17, foo, [], "text", <<"binary">>, P, self(), #{a => 1}, undefined]],
    say(differ_words:elsewhere(fun() -> erlang:port_get_data(P) end)),
    say([attempt(fun() -> erlang:port_get_data(X) end) || X <- [foo, 17, "x"]]).

driver_lock() ->
    P = port(differ_lock_drv, []),
    Q = port(differ_lock_drv, []),
    say([erlang:port_info(X, locking) || X <- [P, Q, port()]]),
    port_command(P, "one"),
    port_command(Q, "two"),
    say(arrived()),
    control(P, ?FAIL_ATOM, "foo"),
    say(control(Q, ?CALLER)),
    say(arrived()),
    say(log(differ_lock_drv)).

%% OTP's VM ends: only portlab runs it (table of differences).
peekqv_of_null() -> say(control(port(), ?PEEKQV_NULL)).

%% OTP looks for the reason where it is not (table of differences).
dl_error() -> say(control(port(), ?DL_ERROR)).
