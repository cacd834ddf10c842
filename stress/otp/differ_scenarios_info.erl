%% port_info, names of ports, the table of ports.
-module(differ_scenarios_info).
-include("differ_drv.hrl").
-import(differ_words, [say/1, golden/2, next/0, arrived/0, attempt/1, port/0, port/1, log/0, control/2, control/3, child/1,
    ask/2, quiet/0, elsewhere/1]).
-export([golden_37_port_info/0, golden_38_items/0, golden_39_errors/0, golden_59_port_data/0, golden_62_port_count/0,
    golden_76_registered_names/0, names_of_the_dead/0, names_in_every_bif/0, items_of_each_option/0, counters/0,
    port_and_text/0, register_errors/0, is_a_port/0, node_of_a_port/0, ports_lists_them/0]).

golden_37_port_info() ->
    P = port(),
    port_command(P, "abc"),
    golden({P, {data, "abc"}}, next()),
    Info = erlang:port_info(P),
    golden([name, links, id, connected, input, output, os_pid], [Key || {Key, _} <- Info]),
    golden([{name, "differ_drv"}, {links, [self()]}, {connected, self()}, {input, 3}, {output, 3}, {os_pid, undefined}],
        lists:keydelete(id, 1, Info)),
    say(is_integer(element(2, lists:keyfind(id, 1, Info)))).

golden_38_items() ->
    P = port(),
    golden([], erlang:port_info(P, registered_name)),
    register(differ_name, P),
    golden({registered_name, differ_name}, erlang:port_info(P, registered_name)),
    golden([registered_name, name, links, id, connected, input, output, os_pid], [Key || {Key, _} <- erlang:port_info(P)]),
    golden({locking, port_level}, erlang:port_info(P, locking)),
    golden({queue_size, 0}, erlang:port_info(P, queue_size)),
    golden({parallelism, false}, erlang:port_info(P, parallelism)),
    say([erlang:port_info(P, Item) || Item <- [monitors, monitored_by, os_pid, connected, links, input, output, name]]),
    {memory, Memory} = erlang:port_info(P, memory),
    say(is_integer(Memory) andalso Memory > 0).

golden_39_errors() ->
    golden(undefined, erlang:port_info(no_such_name_here)),
    golden({error, badarg}, attempt(fun() -> erlang:port_info(1) end)),
    golden({error, badarg}, attempt(fun() -> erlang:port_info(self()) end)),
    golden(undefined, erlang:port_info(no_such_name_here, name)),
    P = port(),
    say([attempt(fun() -> erlang:port_info(P, Item) end) || Item <- [foo, 17, "name", {name}, [name], []]]),
    say([attempt(fun() -> erlang:port_info(X, name) end) || X <- ["x", {}, 17]]).

golden_59_port_data() ->
    P = port(),
    golden(undefined, erlang:port_get_data(P)),
    erlang:port_set_data(P, {a, [1]}),
    golden({a, [1]}, erlang:port_get_data(P)).

golden_62_port_count() ->
    differ_words:load(differ_drv),
    Before = erlang:system_info(port_count),
    P = open_port({spawn_driver, "differ_drv"}, []),
    golden(1, erlang:system_info(port_count) - Before),
    port_close(P),
    golden(0, erlang:system_info(port_count) - Before),
    say(is_integer(erlang:system_info(port_limit))).

golden_76_registered_names() ->
    P = port(),
    golden(true, register(differ_name, P)),
    golden(P, whereis(differ_name)),
    differ_name ! {self(), {command, "by name"}},
    golden({P, {data, "by name"}}, next()),
    golden({error, badarg}, attempt(fun() -> register(differ_name, P) end)),
    golden({error, badarg}, attempt(fun() -> register(differ_other, P) end)),
    golden(true, port_close(differ_name)),
    golden({'EXIT', P, normal}, next()),
    golden(undefined, whereis(differ_name)).

names_of_the_dead() ->
    P = port(),
    register(differ_name, P),
    port_close(P),
    arrived(),
    say(whereis(differ_name)),
    say(attempt(fun() -> differ_name ! {self(), close} end)),
    say([attempt(Fun) || Fun <- [fun() -> port_command(differ_name, "x") end, fun() -> port_close(differ_name) end,
        fun() -> port_control(differ_name, 1, "x") end, fun() -> erlang:port_info(differ_name) end,
        fun() -> port_connect(differ_name, self()) end]]),
    Q = port(),
    say(register(differ_name, Q)),
    say(unregister(differ_name)),
    say(attempt(fun() -> unregister(differ_name) end)),
    say(whereis(differ_name)).

names_in_every_bif() ->
    P = port(),
    register(differ_name, P),
    say([attempt(Fun) || Fun <- [fun() -> port_command(differ_name, "x") end, fun() -> port_command(differ_name, "y", [nosuspend]) end,
        fun() -> port_control(differ_name, ?CALLER, "") end, fun() -> erlang:port_call(differ_name, 0, x) end,
        fun() -> erlang:port_info(differ_name, name) end, fun() -> erlang:port_set_data(differ_name, 5) end,
        fun() -> erlang:port_get_data(differ_name) end, fun() -> port_connect(differ_name, self()) end,
        fun() -> erlang:send(differ_name, {self(), {command, "z"}}, [nosuspend]) end]]),
    say(arrived()),
    say(attempt(fun() -> erlang:port_info(differ_name, registered_name) end)),
    differ_name ! {self(), close},
    say(arrived()).

items_of_each_option() ->
    [begin
        P = port(Options),
        say({Options, erlang:port_info(P, name), erlang:port_info(P, parallelism), erlang:port_info(P, locking)})
     end || Options <- [[], [binary], [{parallelism, true}], [{parallelism, false}], [{line, 5}], [eof]]],
    ok.

counters() ->
    P = port([{line, 10}]),
    [begin
        control(P, ?OUTPUT, "ab\ncd"), port_command(P, "abc"), control(P, ?OUTPUT_TERM),
        say({erlang:port_info(P, input), erlang:port_info(P, output)})
     end || _ <- [1, 2]],
    attempt(fun() -> port_command(P, [foo]) end),
    P ! {self(), {command, foo}},
    say({erlang:port_info(P, input), erlang:port_info(P, output)}),
    Q = port(),
    control(Q, ?BUSY),
    port_command(Q, "refused", [nosuspend]),
    say(erlang:port_info(Q, output)).

port_and_text() ->
    P = port(),
    "#Port<" ++ _ = Text = erlang:port_to_list(P),
    say(attempt(fun() -> list_to_port(Text) =:= P end)),
    say([attempt(fun() -> list_to_port(Wrong) end) || Wrong <- ["", "#Port<0>", "foo", 17]]),
    say([attempt(fun() -> erlang:port_to_list(Wrong) end) || Wrong <- [foo, self(), 17]]).

register_errors() ->
    P = port(),
    say([attempt(fun() -> register(Name, P) end) || Name <- [undefined, "text", 17]]),
    port_close(P),
    arrived(),
    say(attempt(fun() -> register(differ_name, P) end)).

is_a_port() ->
    P = port(),
    say([is_port(P), is_pid(P), is_reference(P), P =:= P, P =:= port(), is_port(hd([P])), erlang:port_info(P, connected)]),
    say(binary_to_term(term_to_binary({P, 1})) =:= {P, 1}),
    say(lists:sort([port(), P, a, 1, self()]) =:= lists:sort([self(), 1, a, P, port()])),
    say(lists:member(P, erlang:ports())).

%% portlab's ports are of a node of their own (table of differences).
node_of_a_port() ->
    say(node(port()) =:= node()).

ports_lists_them() ->
    P = port(),
    Before = erlang:ports(),
    Q = port(),
    say([lists:member(X, Before) || X <- [P, Q]]),
    say([lists:member(X, erlang:ports()) || X <- [P, Q]]),
    port_close(P),
    say([lists:member(X, erlang:ports()) || X <- [P, Q]]).
