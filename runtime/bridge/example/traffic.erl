%% Many clients at work, for check_nodes.py: each has a port of the driver and does a bit of everything
%% with it, again and again; some have programs.
-module(traffic).

-export([run/2]).

-define(CLIENTS, 1000).
-define(PROGRAMS, 20).

%% Says `at work` once every client is; ends when the file is there, and says how much was done.
run(Folder, Finish) ->
    ok = erl_ddll:load_driver(Folder, "wordcount_drv"),
    Parent = self(),
    Clients = [spawn_link(fun() -> client(Parent, N) end) || N <- lists:seq(1, ?CLIENTS)],
    Programs = [spawn_link(fun() -> program(Parent) end) || _ <- lists:seq(1, ?PROGRAMS)],
    [receive {C, started} -> ok end || C <- Clients ++ Programs],
    ?CLIENTS + ?PROGRAMS = erlang:system_info(port_count),
    io:format("at work~n"),
    wait_for(Finish),
    [C ! finish || C <- Clients ++ Programs],
    Rounds = lists:sum([receive {C, done, N} -> N end || C <- Clients ++ Programs]),
    0 = erlang:system_info(port_count),
    ok = portlab:stop(),
    io:format("finished ~b rounds~n", [Rounds]).

wait_for(File) ->
    case filelib:is_file(File) of
        true -> ok;
        false -> timer:sleep(50), wait_for(File)
    end.

client(Parent, N) ->
    Port = open_port({spawn_driver, "wordcount_drv"}, [binary]),
    Parent ! {self(), started},
    Parent ! {self(), done, work(Port, integer_to_list(N), 0)}.

work(Port, Text, Rounds) ->
    Port ! {self(), {command, Text}},
    Expected = list_to_binary(Text),
    receive {Port, {data, Expected}} -> ok end,
    [0, 0, 0, 1] = port_control(Port, 1, Text),
    receive
        finish ->
            true = port_close(Port),
            Rounds
    after 0 ->
            work(Port, Text, Rounds + 1)
    end.

program(Parent) ->
    Port = open_port({spawn_executable, "/bin/cat"}, [binary, {packet, 1}]),
    Parent ! {self(), started},
    Port ! {self(), {command, "once"}},
    receive {Port, {data, <<"once">>}} -> ok end,
    receive finish -> ok end,
    true = port_close(Port),
    Parent ! {self(), done, 1}.
