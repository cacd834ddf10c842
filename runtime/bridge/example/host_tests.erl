%% The ends of a host, as its clients see them. The faults are the zoo's: each driver is harmless until
%% its control operation 16#fa1 arms it and 16#fa2 fires.
-module(host_tests).

-include_lib("eunit/include/eunit.hrl").

-define(ARM, 16#fa1).
-define(FIRE, 16#fa2).

all_test_() ->
    [{Name, {timeout, 60, fun() -> in_a_process_of_its_own(Test) end}}
     || {Name, Test} <- [{"exit status", fun exit_status/0}, {"signal", fun signal/0},
                         {"links and monitors", fun links_and_monitors/0}, {"hung", fun hung/0},
                         {"fresh host", fun fresh_host/0}, {"options", fun options/0}]].

in_a_process_of_its_own(Test) ->
    {_, Ref} = spawn_monitor(Test),
    receive {'DOWN', Ref, process, _, Reason} -> ?assertEqual(normal, Reason) end.

with_host(Options, Test) ->
    {ok, Host} = portlab:start([{flavour, plain} | Options]),
    try Test(Host) after portlab:stop(Host) end.

armed(Driver) ->
    ok = erl_ddll:load_driver(os:getenv("WORDCOUNT_FOLDER"), Driver),
    Port = open_port({spawn_driver, Driver}, []),
    [] = port_control(Port, ?ARM, ""),
    Port.

%% The driver says exit(0): the pending call tells, and the node is there to hear it.
exit_status() ->
    with_host([], fun(_) ->
        process_flag(trap_exit, true),
        Port = armed("exit_zero_in_control_drv"),
        {'EXIT', {Reason, _}} = (catch port_control(Port, ?FIRE, "")),
        ?assertMatch({portlab_host_down,
                      #{class := <<"exit:0">>, exit_status := 0, signal := undefined,
                        callback := control, in_callback := true}}, Reason),
        ?assertEqual({'EXIT', Port, Reason}, receive Message -> Message after 30000 -> nothing end),
        ?assertError(Reason, open_port({spawn, "cat"}, [])),
        ?assertError(badarg, port_control(Port, 0, "")),
        ?assertEqual(undefined, erlang:port_info(Port)),
        ?assertMatch(#{status := down, crash := #{exit_status := 0}}, portlab:host_info())
    end).

signal() ->
    with_host([], fun(_) ->
        process_flag(trap_exit, true),
        Port = armed("null_write_in_control_drv"),
        ?assertError({portlab_host_down, #{class := <<"signal:SIGSEGV">>, signal := 11,
                                           in_callback := true}}, port_control(Port, ?FIRE, "")),
        ?assertMatch(#{how := <<"killed by SIGSEGV, inside control">>, report := _},
                     portlab:last_crash()),
        receive {'EXIT', Port, {portlab_host_down, _}} -> ok end
    end).

links_and_monitors() ->
    with_host([], fun(_) ->
        Self = self(),
        {Owner, OwnerRef} = spawn_monitor(fun() -> Self ! armed("abort_in_control_drv"), receive never -> ok end end),
        Port = receive P -> P end,
        Ref = monitor(port, Port),
        Driver = erl_ddll:monitor(driver, {"abort_in_control_drv", unloaded}),
        ?assertError({portlab_host_down, #{signal := 6}}, port_control(Port, ?FIRE, "")),
        receive {'DOWN', Ref, port, Port, {portlab_host_down, _}} -> ok end,
        receive {'DOWN', Driver, driver, "abort_in_control_drv", {portlab_host_down, _}} -> ok end,
        receive {'DOWN', OwnerRef, process, Owner, {portlab_host_down, #{signal := 6}}} -> ok end
    end).

%% A driver that waits for ever: somebody else has had enough.
hung() ->
    with_host([{schedulers, 2}, {mode, otp}], fun(_) ->
        Self = self(),
        {_, Ref} = spawn_monitor(fun() ->
            Port = armed("self_deadlock_in_control_drv"),
            Self ! go,
            port_control(Port, ?FIRE, "")
        end),
        receive go -> ok end,
        Other = open_port({spawn_driver, "self_deadlock_in_control_drv"}, []),
        ?assertEqual("answers", port_control(Other, 0, "answers")),
        unlink(Other),
        ?assertEqual(ok, portlab:restart()),
        receive {'DOWN', Ref, process, _, Reason} -> ?assertMatch({portlab_host_down, restarted}, Reason) end
    end).

fresh_host() ->
    with_host([], fun(_) ->
        process_flag(trap_exit, true),
        Port = armed("exit_zero_in_control_drv"),
        catch port_control(Port, ?FIRE, ""),
        ?assertEqual(ok, portlab:restart()),
        ?assertMatch(#{status := up, generation := 2}, portlab:host_info()),
        %% The same number, in the life of another host.
        New = armed("exit_zero_in_control_drv"),
        ?assert(New =/= Port),
        ?assertError(badarg, port_control(Port, 0, "")),
        ?assertEqual("alive", port_control(New, 0, "alive")),
        ?assertEqual([New], erlang:ports()),
        ?assertError(badarg, port_close(Port))
    end).

options() ->
    with_host([{port_limit, 3}, {mode, otp}], fun(_) ->
        process_flag(trap_exit, true),
        ?assertEqual(3, erlang:system_info(port_limit)),
        ?assertEqual(0, erlang:system_info(port_count)),
        Ports = [open_port({spawn, "cat"}, []) || _ <- [1, 2, 3]],
        ?assertError(system_limit, open_port({spawn, "cat"}, [])),
        ?assertEqual(3, erlang:system_info(port_count)),
        [?assert(port_close(Port)) || Port <- Ports]
    end),
    ?assertEqual({error, {portlab_cannot_start, {exit_status, 2}}},
                 portlab:start([{flavour, nonsense}])),
    ?assertEqual({error, enoent}, portlab:start([{tool, "/no/such/tool"}])),
    ?assertEqual({error, badarg}, portlab:start([{seeds, 1}])).
