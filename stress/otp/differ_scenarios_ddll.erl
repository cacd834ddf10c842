%% erl_ddll: loading, unloading, their references, and what is told of them.
-module(differ_scenarios_ddll).
-include("differ_drv.hrl").
-import(differ_words, [say/1, golden/2, next/0, next/1, quiet/0, arrived/0, attempt/1, elsewhere/1, child/1, ask/2, settle/0]).
-export([golden_96_load_twice/0, golden_97_unload_counts/0, golden_98_kill_ports/0, load_errors/0, load_driver_twice/0,
    unload_driver/0, not_ours/0, ports_keep_it/0, info/0, monitor_loaded/0, monitor_unloaded/0, demonitor/0,
    unload_cancelled/0, process_death_unloads/0, reload/0, reload_errors/0, options_refused/0, kill_ports_is_an_option/0,
    static_drivers/0, loaded_drivers/0, names_and_paths/0, format_error/0]).

directory() -> persistent_term:get(differ_drivers).

try_load(Options) -> attempt(fun() -> erl_ddll:try_load(directory(), differ_drv, Options) end).

try_unload(Options) -> attempt(fun() -> erl_ddll:try_unload(differ_drv, Options) end).

open() -> open_port({spawn_driver, "differ_drv"}, []).

golden_96_load_twice() ->
    golden({ok, loaded}, try_load([])),
    golden({ok, already_loaded}, try_load([])),
    golden({error, inconsistent}, erl_ddll:try_load("/nonexist", differ_drv, [])),
    say(erl_ddll:try_load(directory() ++ "/", differ_drv, [])),
    say(erl_ddll:try_load(directory() ++ "//", differ_drv, [])),
    say(erl_ddll:try_load(directory() ++ "/.", differ_drv, [])).

golden_97_unload_counts() ->
    [try_load([]) || _ <- lists:seq(1, 4)],
    golden([{ok, pending_process}, {ok, pending_process}, {ok, pending_process}, {ok, pending_driver}, {ok, pending_driver}],
        begin
            P = open(),
            Results = [try_unload([]) || _ <- lists:seq(1, 5)],
            port_close(P),
            Results
        end),
    say(next()),
    settle(),
    say(try_unload([])).

golden_98_kill_ports() ->
    try_load([{driver_options, [kill_ports]}]),
    P = open(),
    Q = open(),
    {ok, pending_driver, M} = erl_ddll:try_unload(differ_drv, [kill_ports, {monitor, pending_driver}]),
    golden([{'EXIT', P, driver_unloaded}, {'EXIT', Q, driver_unloaded}, {'DOWN', M, driver, differ_drv, unloaded}],
        sorted(next(3))).

%% Both exits before what follows; between the two ports no order is promised.
sorted([A, B, C]) -> lists:sort([A, B]) ++ [C].

load_errors() ->
    say([case attempt(fun() -> erl_ddll:try_load(Path, Name, []) end) of
        {error, {open_error, Number}} when is_integer(Number) -> open_error;
        Other -> Other
    end || {Path, Name} <- [{"/nonexist", differ_drv}, {directory(), no_such_drv}, {directory(), ""}, {directory(), 17}, {17, differ_drv},
        {"", differ_drv}, {directory(), 'differ_drv.so'}, {directory(), lists:duplicate(300, $x)}, {directory(), {a}}]]),
    say(element(1, erl_ddll:load_driver("/nonexist", differ_drv))).

load_driver_twice() ->
    say([erl_ddll:load_driver(directory(), differ_drv), erl_ddll:load_driver(directory(), "differ_drv")]),
    say(erl_ddll:load_driver("/nonexist", differ_drv)),
    say(erl_ddll:load(directory(), differ_drv)).

unload_driver() ->
    say(erl_ddll:unload_driver(differ_drv)),
    say(erl_ddll:unload(differ_drv)),
    erl_ddll:load_driver(directory(), differ_drv),
    P = open(),
    say(erl_ddll:unload_driver(differ_drv)),
    say(next()),
    settle(),
    say([erlang:port_info(P), attempt(fun() -> open() end)]),
    say(erl_ddll:unload_driver(differ_drv)).

not_ours() ->
    try_load([]),
    say(elsewhere(fun() -> erl_ddll:try_unload(differ_drv, []) end)),
    say(elsewhere(fun() -> erl_ddll:try_load(directory(), differ_drv, []) end)),
    settle(),
    say(erl_ddll:info(differ_drv, processes)),
    say(elsewhere(fun() -> erl_ddll:try_unload(no_such_drv, []) end)).

ports_keep_it() ->
    try_load([]),
    P = open(),
    {ok, pending_driver, M} = erl_ddll:try_unload(differ_drv, [{monitor, pending_driver}]),
    say(quiet()),
    say(is_port(open())),
    say([erl_ddll:info(differ_drv, Item) || Item <- [processes, port_count]]),
    say(port_control(P, ?CALLER, "")),
    [port_close(X) || {name, "differ_drv"} <- [erlang:port_info(X, name) || X <- erlang:ports()], X <- []],
    port_close(P),
    say(next()),
    say(quiet()),
    [port_close(X) || X <- erlang:ports(), erlang:port_info(X, name) =:= {name, "differ_drv"}],
    say(next()),
    golden({'DOWN', M, driver, differ_drv, unloaded}, next()),
    say(attempt(fun() -> open() end)).

info() ->
    Items = [processes, driver_options, port_count, linked_in_driver, permanent, awaiting_load, awaiting_unload],
    say([attempt(fun() -> erl_ddll:info(differ_drv, processes) end), attempt(fun() -> erl_ddll:info(no_such_drv) end)]),
    try_load([]),
    try_load([]),
    P = open(),
    say([erl_ddll:info(differ_drv, Item) || Item <- Items]),
    say(lists:sort(erl_ddll:info(differ_drv))),
    say(attempt(fun() -> erl_ddll:info(differ_drv, foo) end)),
    say(is_list(proplists:get_value("differ_drv", erl_ddll:info()))),
    port_close(P),
    arrived(),
    say(erl_ddll:info(differ_drv, port_count)),
    say([Value || {Item, Value} <- erl_ddll:info(differ_drv), Item =:= driver_options]).

monitor_loaded() ->
    M = erl_ddll:monitor(driver, {"differ_drv", loaded}),
    golden({'DOWN', M, driver, "differ_drv", unloaded}, next()),
    try_load([]),
    N = erl_ddll:monitor(driver, {"differ_drv", loaded}),
    golden({'UP', N, driver, "differ_drv", loaded}, next()),
    erl_ddll:monitor(driver, {differ_drv, loaded}),
    say(next()),
    say(quiet()).

monitor_unloaded() ->
    [begin
        try_load([]),
        erl_ddll:monitor(driver, {differ_drv, When}),
        say(quiet()),
        try_unload([]),
        say(next()),
        erl_ddll:monitor(driver, {differ_drv, When}),
        say(next()),
        say(quiet())
     end || When <- [unloaded, unloaded_only]],
    say([attempt(fun() -> erl_ddll:monitor(Kind, What) end)
     || {Kind, What} <- [{driver, {differ_drv, foo}}, {driver, differ_drv}, {port, {differ_drv, loaded}}, {driver, {17, loaded}},
        {driver, {tcp_inet, foo}}]]).

demonitor() ->
    try_load([]),
    M = erl_ddll:monitor(driver, {differ_drv, unloaded}),
    say(erl_ddll:demonitor(M)),
    say(erl_ddll:demonitor(M)),
    say(attempt(fun() -> erl_ddll:demonitor(foo) end)),
    try_unload([]),
    say(quiet()).

unload_cancelled() ->
    try_load([]),
    P = open(),
    {ok, pending_driver, _} = erl_ddll:try_unload(differ_drv, [{monitor, pending_driver}]),
    say(try_load([])),
    say(quiet()),
    say(erl_ddll:info(differ_drv, processes)),
    port_close(P),
    say(quiet()),
    say(erl_ddll:info(differ_drv, port_count)).

process_death_unloads() ->
    Me = self(),
    C = child(true),
    say(ask(C, fun() -> try_load([]) end)),
    erl_ddll:monitor(driver, {differ_drv, unloaded}),
    spawn(fun() -> Me ! {loaded, try_load([])} end),
    say(next()),
    say(quiet()),
    exit(C, kill),
    say(next()),
    say(lists:member("differ_drv", element(2, erl_ddll:loaded_drivers()))).

reload() ->
    try_load([]),
    P = open(),
    say(try_load([{monitor, pending_driver}, {reload, pending_driver}])),
    say(quiet()),
    say([try_load([]), try_load([{reload, pending_driver}])]),
    say(erl_ddll:info(differ_drv, awaiting_load) =:= [{self(), 1}]),
    port_close(P),
    say(quiet()),
    Q = open(),
    say(port_control(Q, ?CALLER, "")),
    say(attempt(fun() -> erl_ddll:reload_driver(directory(), differ_drv) end)),
    say(arrived()),
    say(attempt(fun() -> erl_ddll:reload(directory(), differ_drv) end)).

reload_errors() ->
    say(try_load([{reload, pending_driver}])),
    C = child(true),
    say(ask(C, fun() -> try_load([]) end)),
    say(try_load([{reload, pending_driver}])),
    say(try_load([])),
    say(try_load([{reload, pending_driver}])),
    say(try_load([{reload, pending}])),
    exit(C, kill),
    settle(),
    say(arrived()).

options_refused() ->
    say([try_load(Options) || Options <- [foo, [foo], [{driver_options, foo}], [{driver_options, [foo]}], [{monitor, foo}],
        [{reload, foo}], [{monitor, pending_driver}, foo], [kill_ports], [{driver_options, []} | x]]]),
    say([try_unload(Options) || Options <- [foo, [foo], [{monitor, foo}], [{driver_options, [kill_ports]}]]]),
    say([attempt(fun() -> erl_ddll:try_unload(Name, []) end) || Name <- [17, {}, "no_such_drv"]]).

kill_ports_is_an_option() ->
    say(try_load([{driver_options, [kill_ports]}])),
    say(try_load([])),
    say(try_load([{driver_options, [kill_ports]}])),
    say(erl_ddll:info(differ_drv, driver_options)),
    say(try_unload([])),
    P = open(),
    say(try_unload([])),
    say(next()),
    say(erlang:port_info(P)).

static_drivers() ->
    say([attempt(fun() -> erl_ddll:try_unload(Name, []) end) || Name <- [tcp_inet, udp_inet]]),
    say(erl_ddll:try_load(directory(), tcp_inet, [])),
    say([erl_ddll:info(tcp_inet, Item) || Item <- [processes, driver_options, linked_in_driver, permanent, awaiting_load]]),
    erl_ddll:monitor(driver, {tcp_inet, loaded}),
    say(next()).

loaded_drivers() ->
    {ok, Before} = erl_ddll:loaded_drivers(),
    say(lists:member("differ_drv", Before)),
    try_load([]),
    {ok, After} = erl_ddll:loaded_drivers(),
    say(After -- Before),
    say(lists:sort([D || D <- After, lists:member(D, ["spawn", "fd", "vanilla", "forker"])])).

names_and_paths() ->
    say([begin
        Result = attempt(fun() -> erl_ddll:try_load(Path, Name, []) end),
        attempt(fun() -> erl_ddll:try_unload(differ_drv, []) end),
        settle(),
        case Result of {error, {open_error, _}} -> open_error; _ -> Result end
    end || {Path, Name} <- [{directory(), "differ_drv"}, {list_to_binary(directory()), differ_drv}, {[directory()], differ_drv},
        {[directory(), "/"], ["differ", "_drv"]}, {list_to_atom(directory()), differ_drv}, {directory(), <<"differ_drv">>}]]).

format_error() ->
    say([attempt(fun() -> erl_ddll:format_error(Reason) end)
     || Reason <- [inconsistent, linked_in_driver, permanent, not_loaded, not_loaded_by_this_process, not_pending, already_loaded,
        unloading, no_driver_init, driver_init_failed, bad_driver_name, driver_incorrect_version, pending_reload, pending_process,
        driver_name_to_long]]),
    {error, Reason} = erl_ddll:load_driver("/nonexist", differ_drv),
    say(string:find(erl_ddll:format_error(Reason), "cannot open shared object file") =/= nomatch).
