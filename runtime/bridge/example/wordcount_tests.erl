%% The example's suite, written for plain OTP. It finds the driver through two variables of the
%% environment: WORDCOUNT_FOLDER, and WORDCOUNT_DRIVER where it is not wordcount_drv.
-module(wordcount_tests).

-include_lib("eunit/include/eunit.hrl").

driver() -> os:getenv("WORDCOUNT_DRIVER", "wordcount_drv").
folder() -> os:getenv("WORDCOUNT_FOLDER", "priv").

suite_test_() ->
    {setup, fun load/0, fun unload/1,
     [{foreach, fun start/0, fun stop/1,
       [fun counts_words/1, fun answers_in_capitals/1, fun refuses_other_operations/1,
        fun tells_about_its_port/1, fun takes_funs_and_apply/1]},
      fun ends_with_the_drivers_reason/0, fun closes_with_its_owner/0, fun a_closed_port_is_badarg/0,
      fun others_get_no_answer/0, fun names_a_port/0]}.

load() -> ok = erl_ddll:load_driver(folder(), driver()).
unload(_) -> ok = erl_ddll:unload_driver(driver()).

start() ->
    {ok, Server} = wordcount:start(folder(), driver()),
    Server.

stop(Server) -> ok = wordcount:stop(Server).

counts_words(Server) ->
    [?_assertEqual(0, wordcount:count(Server, "")),
     ?_assertEqual(2, wordcount:count(Server, "hello, driver")),
     ?_assertEqual(3, wordcount:count(Server, ["one", <<" two">>, " three "]))].

answers_in_capitals(Server) ->
    [?_assertEqual(<<"HELLO, DRIVER">>, wordcount:capitals(Server, "hello, driver")),
     ?_assertEqual(<<"TWO PIECES">>, wordcount:capitals(Server, [<<"two">>, " ", "pieces"]))].

refuses_other_operations(Server) ->
    Port = wordcount:port(Server),
    [?_assertError(badarg, port_control(Port, 2, "text")),
     ?_assertError(badarg, erlang:port_call(Port, 1, text)),
     ?_assertError(badarg, port_command(Port, [not_iodata]))].

tells_about_its_port(Server) ->
    Port = wordcount:port(Server),
    [?_assert(is_port(Port)),
     ?_assertEqual({connected, Server}, erlang:port_info(Port, connected)),
     ?_assertEqual({links, [Server]}, erlang:port_info(Port, links)),
     ?_assertEqual({name, driver()}, erlang:port_info(Port, name)),
     ?_assert(lists:member(Port, erlang:ports()))].

takes_funs_and_apply(Server) ->
    Port = wordcount:port(Server),
    Control = fun erlang:port_control/3,
    [?_assertEqual([0, 0, 0, 1], Control(Port, 1, "word")),
     ?_assertEqual([0, 0, 0, 2], apply(erlang, port_control, [Port, 1, "two words"]))].

ends_with_the_drivers_reason() ->
    process_flag(trap_exit, true),
    {ok, Server} = wordcount:start(folder(), driver()),
    Port = wordcount:port(Server),
    Ref = monitor(port, Port),
    true = port_command(Port, ""),
    receive {'DOWN', Ref, port, Port, Reason} -> ?assertEqual(nothing, Reason) end,
    receive {'EXIT', Server, Why} -> ?assertEqual({driver, nothing}, Why) end.

closes_with_its_owner() ->
    Self = self(),
    Owner = spawn(fun() ->
                          Self ! {port, open_port({spawn_driver, driver()}, [])},
                          receive finish -> ok end
                  end),
    Port = receive {port, P} -> P end,
    Ref = monitor(port, Port),
    Owner ! finish,
    receive {'DOWN', Ref, port, Port, Reason} -> ?assertEqual(normal, Reason) end,
    ?assertEqual(undefined, erlang:port_info(Port)).

a_closed_port_is_badarg() ->
    Port = open_port({spawn_driver, driver()}, []),
    ?assert(port_close(Port)),
    ?assertError(badarg, port_close(Port)),
    ?assertError(badarg, port_command(Port, "text")),
    ?assertEqual("text", Port ! "text").

others_get_no_answer() ->
    process_flag(trap_exit, true),
    Port = open_port({spawn_driver, driver()}, []),
    spawn(fun() -> Port ! {self(), {command, "not mine"}} end),
    receive {'EXIT', Port, Reason} -> ?assertEqual(badsig, Reason) end,
    ?assert(port_close(Port)).

names_a_port() ->
    Port = open_port({spawn_driver, driver()}, []),
    ?assert(register(wordcount_port, Port)),
    ?assertEqual(Port, whereis(wordcount_port)),
    ?assertError(badarg, register(wordcount_port, Port)),
    wordcount_port ! {self(), {command, "by name"}},
    receive {Port, {data, Data}} -> ?assertEqual("BY NAME", Data) end,
    ?assert(port_close(wordcount_port)),
    ?assertEqual(undefined, whereis(wordcount_port)).
