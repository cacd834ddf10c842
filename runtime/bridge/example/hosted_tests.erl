%% What a hosted port must do as OTP's own: written for plain OTP, run there and through the bridge.
%% It uses wordcount_drv, and /bin/cat.
-module(hosted_tests).

-include_lib("eunit/include/eunit.hrl").

-import(erl_ddll, [loaded_drivers/0]).

-define(DRIVER, "wordcount_drv").

folder() -> os:getenv("WORDCOUNT_FOLDER", "priv").

all_test_() ->
    {setup, fun() -> ok = erl_ddll:load(folder(), ?DRIVER) end,
     fun(_) -> ok = erl_ddll:unload(?DRIVER) end,
     [{Name, {timeout, 60, fun() -> in_a_process_of_its_own(Test) end}}
      || {Name, Test} <- [{"owner", fun owner/0}, {"exits", fun exits/0}, {"links", fun links/0},
                          {"monitors", fun monitors/0}, {"connect", fun connect/0},
                          {"names", fun names/0}, {"data", fun data/0}, {"forms", fun forms/0},
                          {"errors", fun errors/0}, {"program", fun program/0},
                          {"drivers", fun drivers/0}, {"surroundings", fun surroundings/0},
                          {"busy", fun busy/0}, {"many", fun many/0}]]}.

in_a_process_of_its_own(Test) ->
    {_, Ref} = spawn_monitor(Test),
    receive {'DOWN', Ref, process, _, Reason} -> ?assertEqual(normal, Reason) end.

open() -> open_port({spawn_driver, ?DRIVER}, []).

received() ->
    receive Message -> Message after 30000 -> nothing end.

nothing() ->
    receive Message -> Message after 50 -> nothing end.

owner() ->
    Port = open(),
    ?assertEqual({connected, self()}, erlang:port_info(Port, connected)),
    Other = spawn(fun() -> receive go -> Port ! {self(), {command, "x"}} end end),
    process_flag(trap_exit, true),
    Other ! go,
    ?assertEqual({'EXIT', Port, badsig}, received()),
    Self = self(),
    spawn(fun() -> Port ! {Self, {command, "for another"}} end),
    ?assertEqual({Port, {data, "FOR ANOTHER"}}, received()),
    Port ! {self(), close},
    ?assertEqual({'EXIT', Port, normal}, received()),
    ?assertEqual({Port, closed}, received()),
    ?assertEqual(nothing, nothing()).

exits() ->
    Self = self(),
    %% An owner that does not trap exits dies of its port, for the port's reason.
    {Owner, Ref} = spawn_monitor(fun() -> Self ! open(), receive never -> ok end end),
    Port = received(),
    exit(Port, broken),
    ?assertEqual({'DOWN', Ref, process, Owner, broken}, received()),
    ?assertEqual(undefined, erlang:port_info(Port)),
    %% But not when it ends normally.
    {Calm, CalmRef} = spawn_monitor(fun() -> Self ! open(), receive stop -> ok end end),
    Second = received(),
    ?assert(port_close(Second)),
    ?assertEqual(nothing, nothing()),
    Calm ! stop,
    ?assertEqual({'DOWN', CalmRef, process, Calm, normal}, received()),
    process_flag(trap_exit, true),
    Third = open(),
    exit(Third, kill),
    ?assertEqual({'EXIT', Third, killed}, received()).

links() ->
    process_flag(trap_exit, true),
    Port = open(),
    unlink(Port),
    ?assertEqual({links, []}, erlang:port_info(Port, links)),
    ?assert(link(Port)),
    ?assertEqual({links, [self()]}, erlang:port_info(Port, links)),
    Helper = spawn_link(fun() -> link(Port), receive stop -> exit(tired) end end),
    Helper ! stop,
    Both = lists:sort([received(), received()]),
    ?assertEqual(lists:sort([{'EXIT', Helper, tired}, {'EXIT', Port, tired}]), Both),
    ?assert(link(Port)),
    ?assertEqual({'EXIT', Port, noproc}, received()).

monitors() ->
    process_flag(trap_exit, true),
    Port = open(),
    unlink(Port),
    Ref = monitor(port, Port),
    ?assert(is_reference(Ref)),
    Gone = monitor(port, Port),
    ?assert(demonitor(Gone)),
    ?assert(port_close(Port)),
    ?assertEqual({'DOWN', Ref, port, Port, normal}, received()),
    ?assertEqual(nothing, nothing()),
    Late = monitor(port, Port),
    ?assertEqual({'DOWN', Late, port, Port, noproc}, received()),
    Third = open(),
    Flushed = monitor(port, Third),
    ?assert(port_close(Third)),
    ?assertEqual({'EXIT', Third, normal}, received()),
    ?assertEqual(false, demonitor(Flushed, [flush, info])),
    ?assertEqual(nothing, nothing()),
    {Process, Processes} = spawn_monitor(fun() -> receive stop -> ok end end),
    ?assert(demonitor(Processes, [flush, info])),
    Process ! stop.

connect() ->
    process_flag(trap_exit, true),
    Self = self(),
    Port = open(),
    New = spawn(fun Loop() -> receive stop -> ok; M -> Self ! {seen, M}, Loop() end end),
    ?assert(port_connect(Port, New)),
    ?assertEqual({connected, New}, erlang:port_info(Port, connected)),
    {links, Links} = erlang:port_info(Port, links),
    ?assertEqual(lists:sort([Self, New]), lists:sort(Links)),
    ?assert(port_command(Port, "for the new")),
    ?assertEqual({seen, {Port, {data, "FOR THE NEW"}}}, received()),
    Port ! {New, {connect, Self}},
    ?assertEqual({seen, {Port, connected}}, received()),
    Dead = spawn(fun() -> ok end),
    DeadRef = monitor(process, Dead),
    receive {'DOWN', DeadRef, process, Dead, _} -> ok end,
    ?assertError(badarg, port_connect(Port, Dead)),
    ?assertError(badarg, port_connect(Port, nobody)),
    unlink(Port),
    New ! stop,
    ?assertEqual(nothing, nothing()),
    ?assert(port_close(Port)).

names() ->
    Port = open(),
    ?assert(register(a_name, Port)),
    ?assertEqual({registered_name, a_name}, erlang:port_info(Port, registered_name)),
    ?assertMatch([{registered_name, a_name}, {name, ?DRIVER} | _], erlang:port_info(Port)),
    ?assertError(badarg, register(another_name, Port)),
    ?assertError(badarg, register(a_name, self())),
    ?assertEqual([0, 0, 0, 1], port_control(a_name, 1, "word")),
    Ref = monitor(port, a_name),
    ?assert(unregister(a_name)),
    ?assertError(badarg, unregister(a_name)),
    ?assertEqual([], erlang:port_info(Port, registered_name)),
    ?assertError(badarg, port_control(a_name, 1, "word")),
    ?assertEqual(undefined, whereis(a_name)),
    ?assert(port_close(Port)),
    ?assertEqual({'DOWN', Ref, port, {a_name, node()}, normal}, received()),
    Second = open(),
    ?assert(register(a_name, Second)),
    ?assert(port_close(Second)),
    ?assert(register(a_name, self())),
    ?assertEqual(self(), whereis(a_name)).

data() ->
    Port = open(),
    ?assertEqual(undefined, erlang:port_get_data(Port)),
    Fun = fun() -> ok end,
    ?assert(erlang:port_set_data(Port, {Fun, <<1:3>>})),
    ?assertEqual({Fun, <<1:3>>}, erlang:port_get_data(Port)),
    ?assert(port_close(Port)),
    ?assertError(badarg, erlang:port_get_data(Port)).

%% The ways to write a call.
forms() ->
    Port = open(),
    ?assertEqual([0, 0, 0, 1], erlang:port_control(Port, 1, "word")),
    ?assertEqual([0, 0, 0, 1], apply(erlang, port_control, [Port, 1, "word"])),
    Arguments = [Port, 1, "word"],
    ?assertEqual([0, 0, 0, 1], erlang:apply(erlang, port_control, Arguments)),
    ?assertEqual([[0, 0, 0, N] || N <- [1, 2]],
                 [(fun erlang:port_control/3)(Port, 1, Text) || Text <- ["a", "b c"]]),
    Send = fun erlang:send/2,
    ?assertEqual(message, Send(self(), message)),
    ?assertEqual(message, received()),
    {ok, Drivers} = loaded_drivers(),
    ?assert(lists:member(?DRIVER, Drivers)),
    Close = fun port_close/1,
    ?assert(Close(Port)),
    ?assertEqual("to a closed port", Port ! "to a closed port"),
    ?assertEqual(ok, erlang:send(Port, message, [nosuspend])),
    ?assertError(badarg, nobody_has_this_name ! message),
    ?assertEqual(own, port_close(Port, softly)).

%% Of the same name, but this module's own.
port_close(_Port, softly) -> own.

errors() ->
    Port = open(),
    ?assertError(badarg, open_port({spawn_driver, "no_such_drv"}, [])),
    ?assertError(badarg, open_port({spawn_driver, ?DRIVER}, [nonsense])),
    ?assertError(badarg, open_port(fun() -> ok end, [])),
    ?assertError(enoent, open_port({spawn_executable, "/no/such/program"}, [])),
    ?assertError(badarg, port_control(Port, 2, "x")),
    ?assertError(badarg, port_control(Port, -1, "x")),
    ?assertError(badarg, port_control(Port, 1 bsl 32, "x")),
    ?assertError(badarg, port_control(Port, 1, [fun() -> ok end])),
    ?assertError(badarg, port_control(no_such_name, 1, "x")),
    ?assertError(badarg, port_command(Port, "x", [slowly])),
    ?assertError(notsup, port_command(Port, "x", [force])),
    ?assertError(badarg, erlang:port_info(Port, no_such_item)),
    ?assertEqual(undefined, erlang:port_info(nobodys_name, 1)),
    ?assertError(badarg, erlang:port_info(17, name)),
    ?assertError(badarg, link(not_a_port)),
    ?assert(port_close(Port)),
    ?assertError(badarg, port_command(Port, "x")),
    ?assertEqual(undefined, erlang:port_info(Port, name)),
    ?assertError({badmatch, {error, not_loaded}}, ok = erl_ddll:unload_driver(no_such_drv)).

program() ->
    Port = open_port({spawn_executable, "/bin/cat"}, [{packet, 2}, binary, exit_status]),
    {os_pid, Pid} = erlang:port_info(Port, os_pid),
    ?assert(is_integer(Pid)),
    [?assert(port_command(Port, [integer_to_list(N)])) || N <- lists:seq(1, 50)],
    ?assertEqual([{Port, {data, integer_to_binary(N)}} || N <- lists:seq(1, 50)],
                 [received() || _ <- lists:seq(1, 50)]),
    ?assert(port_close(Port)).

drivers() ->
    ?assertMatch({ok, already_loaded}, erl_ddll:try_load(folder(), ?DRIVER, [])),
    ?assertEqual({error, inconsistent}, erl_ddll:try_load("/tmp", ?DRIVER, [])),
    ?assertMatch({port_count, 0}, {port_count, erl_ddll:info(?DRIVER, port_count)}),
    ?assertMatch([{processes, [_ | _]} | _], erl_ddll:info(?DRIVER)),
    {error, Reason} = erl_ddll:load(folder(), "no_such_drv"),
    ?assertEqual("cannot open shared object file: No such file or directory",
                 erl_ddll:format_error(Reason)),
    ?assertEqual("DDLL driver is not loaded", erl_ddll:format_error(not_loaded)),
    Ref = erl_ddll:monitor(driver, {?DRIVER, loaded}),
    ?assertEqual({'UP', Ref, driver, ?DRIVER, loaded}, received()),
    Unloading = erl_ddll:monitor(driver, {?DRIVER, unloaded}),
    ?assert(erl_ddll:demonitor(Unloading)),
    ?assertMatch({ok, pending_process}, erl_ddll:try_unload(?DRIVER, [])),
    ?assertEqual({error, not_loaded_by_this_process}, erl_ddll:try_unload(?DRIVER, [])).

%% What a program or driver starts with is what this node has now.
surroundings() ->
    Folder = filename:join(os:getenv("TMPDIR", "/tmp"), "surroundings"),
    ok = filelib:ensure_dir(filename:join(Folder, "x")),
    {ok, Before} = file:get_cwd(),
    true = os:putenv("HOSTED_TESTS", "as the node's"),
    ok = file:set_cwd(Folder),
    Port = open_port({spawn, "sh -c 'pwd; echo $HOSTED_TESTS'"}, [{line, 1000}]),
    ?assertEqual({Port, {data, {eol, Folder}}}, received()),
    ?assertEqual({Port, {data, {eol, "as the node's"}}}, received()),
    ok = file:set_cwd(Before),
    ok = file:del_dir(Folder).

%% Who waits for a busy port holds up nobody, and is let go when the port closes.
busy() ->
    Self = self(),
    Port = open_port({spawn_executable, "/bin/sleep"}, [{args, ["1000"]}]),
    unlink(Port),
    {os_pid, Pid} = erlang:port_info(Port, os_pid),
    ?assert(port_command(Port, binary:copy(<<"x">>, 200000))),
    Writer = spawn(fun() -> Self ! {writer, catch port_command(Port, "more")} end),
    Banger = spawn(fun() -> Port ! {Self, {command, "more"}}, Self ! banged end),
    ?assertEqual(nothing, nothing()),
    ?assert(is_process_alive(Writer) andalso is_process_alive(Banger)),
    ?assertEqual(false, port_command(Port, "now", [nosuspend])),
    ?assertEqual(nosuspend, erlang:send(Port, {Self, {command, "now"}}, [nosuspend])),
    Other = open(),
    ?assertEqual([0, 0, 0, 1], port_control(Other, 1, "word")),
    exit(Port, kill),
    Answers = lists:sort([received(), received()]),
    ?assertMatch([banged, {writer, {'EXIT', {badarg, _}}}], Answers),
    os:cmd("kill " ++ integer_to_list(Pid)).    % nobody else does

many() ->
    Self = self(),
    Count = 1000,
    Before = erlang:system_info(port_count),
    Clients = [spawn_link(fun() -> client(Self, N) end) || N <- lists:seq(1, Count)],
    [receive {C, open} -> ok end || C <- Clients],
    ?assertEqual(Before + Count, erlang:system_info(port_count)),
    [C ! go || C <- Clients],
    ?assertEqual(lists:seq(1, Count), [receive {C, N} -> N end || C <- Clients]),
    ?assertEqual(Before, erlang:system_info(port_count)).

client(Parent, N) ->
    Port = open(),
    Parent ! {self(), open},
    receive go -> ok end,
    Text = integer_to_list(N),
    Port ! {self(), {command, Text}},
    receive {Port, {data, Text}} -> ok end,
    [0, 0, 0, 1] = port_control(Port, 1, Text),
    true = port_close(Port),
    Parent ! {self(), N}.
