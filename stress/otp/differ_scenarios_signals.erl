%% The order of what one process sends to a port, and what a port makes of wrong messages.
-module(differ_scenarios_signals).
-include("differ_drv.hrl").
-import(differ_words, [say/1, golden/2, next/0, next/1, quiet/0, arrived/0, attempt/1, port/0, port/1, port/2, log/0,
    control/2, control/3, child/1, ask/2, elsewhere/1, load/1]).
-export([golden_80_order_of_one_sender/0, golden_80_order_when_queued/0, golden_81_close_behind_a_command/0,
    golden_44_wrong_messages/0, golden_45_owner_that_does_not_trap/0, golden_46_wrong_data/0, golden_53_former_owner/0,
    closed_answers_who_asked/0, order_with_links_and_monitors/0, what_send_returns/0, bit_strings/0, long_order/0, many_senders/0]).

sequence(Options) ->
    P = port(Options),
    S = self(),
    P ! {S, {command, "a"}},
    P ! {S, {command, "b"}},
    golden("owner", port_control(P, ?CALLER, "")),
    P ! {S, {command, "c"}},
    P ! {S, close},
    P ! {S, {command, "d"}},
    golden([{P, {data, "a"}}, {P, {data, "b"}}, {P, {data, "c"}}, {'EXIT', P, normal}, {P, closed}], quiet()),
    say(log()).

golden_80_order_of_one_sender() -> sequence([]).

%% With parallelism a message is always queued, which stands for the lock held elsewhere.
golden_80_order_when_queued() -> sequence([{parallelism, true}]).

golden_81_close_behind_a_command() ->
    P = port([{parallelism, true}]),
    P ! {self(), {command, "x"}},
    golden(true, port_close(P)),
    golden({error, badarg}, attempt(fun() -> port_close(P) end)),
    golden([{P, {data, "x"}}, {'EXIT', P, normal}], quiet()),
    say(log()).

golden_44_wrong_messages() ->
    P = port(),
    S = self(),
    [begin
        golden(Message, P ! Message),
        golden([{'EXIT', P, badsig}], quiet())
     end || Message <- [foo, {S, {command, [foo]}}, {S, {command, "x"}, extra}, {S, {connect, foo}}, {S, foo}, {foo, close},
        {S, {command, "x", []}}, {S, {command}}, {S, {close}}, {S, {connect, S, S}}, [], {}, {S}, 17, "text", {P, close}, {S, {connect, P}}, S, P]],
    golden(true, port_command(P, "x")),
    golden({P, {data, "x"}}, next()),
    say(log()).

golden_45_owner_that_does_not_trap() ->
    Me = self(),
    load(differ_drv),
    {Owner, M} = spawn_monitor(fun() ->
        Me ! {port, open_port({spawn_driver, "differ_drv"}, [])},
        receive never -> ok end
    end),
    P = receive {port, Q} -> Q end,
    N = erlang:monitor(port, P),
    P ! {Me, {command, "x"}},
    Both = lists:sort(next(2)),
    golden(lists:sort([{'DOWN', M, process, Owner, badsig}, {'DOWN', N, port, P, badsig}]), Both).

golden_46_wrong_data() ->
    P = port(),
    [golden({error, badarg}, attempt(fun() -> port_command(P, Data) end)) || Data <- [[foo], [256], foo, [-1], [a | b]]],
    golden(true, port_command(P, ["a" | <<"b">>])),
    golden([{P, {data, "ab"}}], quiet()),
    say(log()).

%% OTP takes a bit string that is not in a list for its whole bytes; portlab has no bit strings (table of differences).
bit_strings() ->
    P = port(),
    say([attempt(fun() -> port_command(P, Data) end) || Data <- [<<1:3>>, <<97, 1:3>>]]),
    say(arrived()),
    say([attempt(fun() -> port_command(P, Data) end) || Data <- [[<<97, 1:3>>], [<<1:3>> | <<97>>]]]),
    P ! {self(), {command, [<<97, 1:3>>]}},
    say(arrived()),
    say(attempt(fun() -> erlang:port_call(P, 0, <<1:3>>) end)).

golden_53_former_owner() ->
    P = port(),
    N = child(true),
    golden(true, port_connect(P, N)),
    P ! {self(), {command, "x"}},
    golden({'EXIT', P, badsig}, ask(N, fun() -> next() end)),
    golden([], quiet()),
    P ! {N, {command, "y"}},
    golden({P, {data, "y"}}, ask(N, fun() -> next() end)).

closed_answers_who_asked() ->
    P = port(),
    N = child(true),
    Me = self(),
    ask(N, fun() -> P ! {Me, close} end),
    say(quiet()),
    say(ask(N, fun() -> quiet() end)),
    Q = port(),
    control(Q, ?ENQ, "bytes"),
    Q ! {Me, {connect, N}},
    Q ! {N, close},
    say(next(2)),
    say(ask(N, fun() -> next() end)),
    say(quiet()),
    say(log()).

order_with_links_and_monitors() ->
    P = port([{parallelism, true}]),
    S = self(),
    P ! {S, {command, "a"}},
    unlink(P),
    M = erlang:monitor(port, P),
    P ! {S, {command, "b"}},
    say(erlang:port_info(P, links)),
    link(P),
    say(erlang:port_info(P, output)),
    erlang:demonitor(M),
    P ! {S, {command, "c"}},
    say(erlang:port_info(P, links)),
    P ! {S, close},
    say(quiet()),
    say(log()).

what_send_returns() ->
    P = port(),
    Message = {self(), {command, "x"}},
    say([erlang:send(P, Message), erlang:send(P, Message, []), erlang:send(P, Message, [nosuspend]),
        erlang:send(P, Message, [noconnect]), attempt(fun() -> erlang:send(P, Message, [foo]) end), P ! Message]),
    say(arrived()).

long_order() ->
    [begin
        P = port(Driver, [binary | Options]),
        [case N rem 3 of
            0 -> port_command(P, <<N:16>>);
            1 -> P ! {self(), {command, <<N:16>>}};
            2 -> port_control(P, ?OUTPUT, <<N:16>>)
         end || N <- lists:seq(1, 300)],
        say([N || {_, {data, <<N:16>>}} <- next(300)] =:= lists:seq(1, 300))
     end || Driver <- [differ_drv, differ_lock_drv], Options <- [[], [{parallelism, true}]]],
    ok.

%% Between senders no order is promised; of each sender it is kept.
many_senders() ->
    P = port([binary]),
    Me = self(),
    Senders = [spawn(fun() -> [P ! {Me, {command, <<S, N:16>>}} || N <- lists:seq(1, 100)], Me ! {done, S} end) || S <- lists:seq(1, 5)],
    [receive {done, S} -> ok end || S <- lists:seq(1, length(Senders))],
    Data = [{S, N} || {_, {data, <<S, N:16>>}} <- [receive {P, {data, _}} = M -> M after 5000 -> none end || _ <- lists:seq(1, 500)]],
    say([[N || {S, N} <- Data, S =:= Sender] =:= lists:seq(1, 100) || Sender <- lists:seq(1, 5)]).
