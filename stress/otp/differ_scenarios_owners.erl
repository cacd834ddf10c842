%% Who owns a port, is linked to it or watches it.
-module(differ_scenarios_owners).
-include("differ_drv.hrl").
-import(differ_words, [say/1, golden/2, next/0, next/1, quiet/0, arrived/0, attempt/1, port/0, port/1, log/0, control/2,
    control/3, child/1, ask/2, elsewhere/1, gone/1, load/1, settle/0]).
-export([golden_48_closed_port/0, golden_49_monitor_by_name/0, golden_50_port_connect/0, golden_51_connect_by_message/0,
    golden_52_connect_to_the_dead/0, golden_54_owner_exits_normally/0, golden_55_linked_processes_exit/0,
    golden_57_unlinked/0, golden_75_old_owner_stays_linked/0, owner_dies/0, driver_monitors/0, monitors_of_ports/0,
    demonitor_options/0, links_are_listed/0, connect_errors/0, caller_is_seen/0, link_twice/0, owner_is_killed/0]).

golden_48_closed_port() ->
    P = port(),
    port_close(P),
    next(),
    golden(true, link(P)),
    golden({'EXIT', P, noproc}, next()),
    M = erlang:monitor(port, P),
    golden({'DOWN', M, port, P, noproc}, next()).

golden_49_monitor_by_name() ->
    P = port(),
    register(differ_name, P),
    M = erlang:monitor(port, differ_name),
    port_close(P),
    golden([{'EXIT', P, normal}, {'DOWN', M, port, {differ_name, node()}, normal}], next(2)),
    N = erlang:monitor(port, differ_name),
    golden({'DOWN', N, port, {differ_name, node()}, noproc}, next()).

golden_50_port_connect() ->
    P = port(),
    N = child(true),
    golden(true, port_connect(P, N)),
    port_command(P, "q"),
    golden({P, {data, "q"}}, ask(N, fun() -> next() end)),
    golden({connected, N}, erlang:port_info(P, connected)),
    golden(lists:sort([self(), N]), lists:sort(element(2, erlang:port_info(P, links)))),
    golden([], quiet()),
    port_close(P),
    golden({'EXIT', P, normal}, next()),
    golden({'EXIT', P, normal}, ask(N, fun() -> next() end)).

golden_51_connect_by_message() ->
    P = port(),
    N = child(true),
    P ! {self(), {connect, N}},
    golden([{P, connected}], quiet()),
    golden({links, [self()]}, erlang:port_info(P, links)),
    golden({connected, N}, erlang:port_info(P, connected)),
    port_command(P, "q"),
    golden({P, {data, "q"}}, ask(N, fun() -> next() end)),
    P ! {N, close},
    say(quiet()),
    say(ask(N, fun() -> quiet() end)).

golden_52_connect_to_the_dead() ->
    P = port(),
    {Dead, M} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', M, _, _, _} -> ok end,
    golden({error, badarg}, attempt(fun() -> port_connect(P, Dead) end)),
    P ! {self(), {connect, Dead}},
    golden({P, connected}, next()),
    golden({connected, Dead}, erlang:port_info(P, connected)),
    say(attempt(fun() -> port_command(P, "lost") end)),
    say(quiet()),
    port_close(P),
    say(next()).

golden_54_owner_exits_normally() ->
    Me = self(),
    load(differ_drv),
    Owner = spawn(fun() -> Me ! {port, open_port({spawn_driver, "differ_drv"}, [])}, receive stop -> ok end end),
    P = receive {port, Q} -> Q end,
    M = erlang:monitor(port, P),
    Owner ! stop,
    golden({'DOWN', M, port, P, normal}, next()),
    golden(undefined, erlang:port_info(P)).

golden_55_linked_processes_exit() ->
    P = port(),
    Me = self(),
    {_, M} = spawn_monitor(fun() -> link(P), Me ! {links, element(2, erlang:port_info(P, links))} end),
    say(receive {links, Links} -> length(Links) end),
    receive {'DOWN', M, _, _, _} -> ok end,
    settle(),
    golden({links, [self()]}, erlang:port_info(P, links)),
    golden([], quiet()),
    spawn(fun() -> link(P), exit(boom) end),
    golden({'EXIT', P, boom}, next()).

golden_57_unlinked() ->
    P = port(),
    unlink(P),
    port_close(P),
    golden([], quiet()),
    Me = self(),
    load(differ_drv),
    {_, M} = spawn_monitor(fun() ->
        Q = open_port({spawn_driver, "differ_drv orphan"}, []),
        unlink(Q),
        Me ! {port, Q}
    end),
    Orphan = receive {port, Port} -> Port end,
    receive {'DOWN', M, _, _, _} -> ok end,
    golden({links, []}, erlang:port_info(Orphan, links)),
    golden({name, "differ_drv orphan"}, erlang:port_info(Orphan, name)),
    say(control(Orphan, ?CALLER)),
    say(attempt(fun() -> port_command(Orphan, "x") end)),
    golden(true, port_close(Orphan)),
    golden([], quiet()).

golden_75_old_owner_stays_linked() ->
    P = port(),
    N = child(true),
    port_connect(P, N),
    control(P, ?FAIL_ATOM, "foo"),
    golden({'EXIT', P, foo}, next()),
    golden({'EXIT', P, foo}, ask(N, fun() -> next() end)).

owner_dies() ->
    load(differ_drv),
    Me = self(),
    [begin
        {_, M} = spawn_monitor(fun() ->
            P = open_port({spawn_driver, "differ_drv"}, []),
            erlang:port_control(P, ?ENQ, "bytes"),
            Me ! {port, P},
            exit(Reason)
        end),
        P = receive {port, Port} -> Port end,
        receive {'DOWN', M, _, _, _} -> ok end,
        say({Reason, gone(P), log()})
     end || Reason <- [normal, kill, foo, shutdown]],
    ok.

owner_is_killed() ->
    load(differ_drv),
    Me = self(),
    {Owner, M} = spawn_monitor(fun() ->
        P = open_port({spawn_driver, "differ_drv"}, []),
        Me ! {port, P},
        receive never -> ok end
    end),
    P = receive {port, Port} -> Port end,
    N = erlang:monitor(port, P),
    exit(Owner, kill),
    say(lists:sort([element(5, D) || D <- next(2), lists:member(element(2, D), [M, N])])),
    say(log()).

driver_monitors() ->
    P = port(),
    say(control(P, ?DEMONITOR)),
    {_, M} = spawn_monitor(fun() -> port_control(P, ?MONITOR_CALLER, "") end),
    receive {'DOWN', M, _, _, _} -> ok end,
    say(next()),
    C = child(true),
    say(ask(C, fun() -> port_control(P, ?MONITOR_CALLER, "") end)),
    say(control(P, ?DEMONITOR)),
    say(control(P, ?DEMONITOR)),
    exit(C, kill),
    say(quiet()),
    say(log()).

monitors_of_ports() ->
    P = port(),
    C = child(true),
    M = erlang:monitor(port, P),
    say(ask(C, fun() -> erlang:monitor(port, P), erlang:monitor(port, P), ok end)),
    say(lists:sort([Pid =:= C || Pid <- element(2, erlang:port_info(P, monitored_by))])),
    say(erlang:port_info(P, monitors)),
    control(P, ?FAIL_ATOM, "foo"),
    golden([{'EXIT', P, foo}, {'DOWN', M, port, P, foo}], next(2)),
    say(ask(C, fun() -> [{element(1, D), element(3, D), element(4, D), element(5, D)} || D <- next(2)] end)),
    say(attempt(fun() -> erlang:monitor(port, 17) end)),
    N = erlang:monitor(port, no_such_name_here),
    golden({'DOWN', N, port, {no_such_name_here, node()}, noproc}, next()).

demonitor_options() ->
    P = port(),
    [begin
        M = erlang:monitor(port, P),
        say(erlang:demonitor(M, Options)),
        say(erlang:demonitor(M, Options))
     end || Options <- [[], [flush], [info], [flush, info]]],
    M = erlang:monitor(port, P),
    port_close(P),
    arrived(),
    say(erlang:demonitor(M, [info])),
    say(arrived()).

links_are_listed() ->
    P = port(),
    C = child(true),
    say(ask(C, fun() -> link(P) end)),
    say(lists:sort([Pid =:= C || Pid <- element(2, erlang:port_info(P, links))])),
    say(ask(C, fun() -> unlink(P) end)),
    say(erlang:port_info(P, links)),
    unlink(P),
    say(erlang:port_info(P, links)).

connect_errors() ->
    P = port(),
    [say(attempt(fun() -> port_connect(P, Pid) end)) || Pid <- [foo, 17, "x", P, self()]],
    say(attempt(fun() -> port_connect(foo, self()) end)),
    say(quiet()),
    say(erlang:port_info(P, links)).

caller_is_seen() ->
    P = port(),
    say(control(P, ?CALLER)),
    say(elsewhere(fun() -> port_control(P, ?CALLER, "") end)),
    Me = self(),
    elsewhere(fun() -> port_command(P, "by command") end),
    elsewhere(fun() -> P ! {Me, {command, "by message"}} end),
    port_command(P, "by owner"),
    arrived(),
    say(log()).

link_twice() ->
    P = port(),
    say({link(P), link(P), erlang:port_info(P, links)}),
    say({unlink(P), unlink(P), erlang:port_info(P, links)}),
    port_close(P),
    say(quiet()),
    Q = port(),
    say(unlink(Q)),
    say(link(Q)),
    port_close(Q),
    say(quiet()).
