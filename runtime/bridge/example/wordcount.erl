%% The example's wrapper, as anyone would write one: a process that owns the driver's port.
-module(wordcount).

-export([start/2, stop/1, count/2, capitals/2, port/1]).

start(Folder, Driver) ->
    case erl_ddll:load_driver(Folder, Driver) of
        ok -> ok;
        {error, already_loaded} -> ok
    end,
    {ok, spawn_link(fun() -> init(Driver) end)}.

stop(Server) -> call(Server, stop).
count(Server, Text) -> call(Server, {count, Text}).
capitals(Server, Text) -> call(Server, {capitals, Text}).
port(Server) -> call(Server, port).

call(Server, Request) ->
    Ref = monitor(process, Server),
    Server ! {Ref, self(), Request},
    receive
        {Ref, Answer} ->
            demonitor(Ref, [flush]),
            Answer;
        {'DOWN', Ref, process, Server, Reason} ->
            exit(Reason)
    end.

init(Driver) ->
    process_flag(trap_exit, true),
    loop(open_port({spawn_driver, Driver}, [binary])).

loop(Port) ->
    receive
        {Ref, From, port} ->
            From ! {Ref, Port},
            loop(Port);
        {Ref, From, {count, Text}} ->
            <<Words:32>> = list_to_binary(port_control(Port, 1, Text)),
            From ! {Ref, Words},
            loop(Port);
        {Ref, From, {capitals, Text}} ->
            Port ! {self(), {command, Text}},
            receive
                {Port, {data, Data}} -> From ! {Ref, Data};
                {'EXIT', Port, Reason} -> exit({driver, Reason})
            end,
            loop(Port);
        {Ref, From, stop} ->
            Port ! {self(), close},
            receive {Port, closed} -> ok end,
            From ! {Ref, ok};
        {'EXIT', Port, Reason} ->
            exit({driver, Reason});
        {'EXIT', _Parent, Reason} ->
            exit(Reason)
    end.
