%% What a linked-in driver costs in a real Erlang node: beside_otp.py runs it, one node for each round.
%%
%%   erl -noshell -s otp_speed main DRIVER_DIR PORTS
%%
%% Prints one line for each case: its name, a tab, nanoseconds of an operation; then the bytes of
%% erlang:memory(system) that an open port takes. Everything runs in a process of its own with a large
%% heap, so that collections do not fall into a sample.
-module(otp_speed).
-export([main/1]).

main([Dir, Ports]) ->
    Self = self(),
    spawn_opt(fun() ->
                      measure(atom_to_list(Dir), list_to_integer(atom_to_list(Ports))),
                      Self ! done
              end, [{min_heap_size, 5000000}]),
    receive done -> halt(0) end.

measure(Dir, Ports) ->
    ok = erl_ddll:load_driver(Dir, echo_drv),
    ok = erl_ddll:load_driver(Dir, payload_drv),
    B = binary:copy(<<"x">>, 16),
    say("open+close", fun() -> port_close(open(echo_drv)) end, 200),
    P = open(echo_drv),
    say("control 16 B", fun() -> port_control(P, 0, B) end, 2000),
    say("command -> message 16 B", fun() -> echo(P, B) end, 1000),
    V = open(payload_drv),
    [say(Name, fun() -> echo(V, Data) end, 1000)
     || {Name, Data} <- [{"outputv 16 B", B},
                         {"outputv 4 KiB", binary:copy(B, 256)},
                         {"outputv 64 KiB", binary:copy(B, 4096)}]],
    memory(Ports).

open(Driver) -> open_port({spawn_driver, atom_to_list(Driver)}, [binary]).

echo(Port, Data) ->
    port_command(Port, Data),
    receive {Port, {data, _}} -> ok end.

%% The best of many that are each shorter than a time slice: other work on the machine only ever adds
%% time, and the node has no clock that leaves it out.
say(Name, Fun, Times) ->
    repeat(Fun, 5 * Times),
    Best = lists:min([sample(Fun, Times) || _ <- lists:seq(1, 60)]),
    io:format("~s\t~.1f~n", [Name, Best / Times]).

sample(Fun, Times) ->
    Before = erlang:monotonic_time(nanosecond),
    repeat(Fun, Times),
    erlang:monotonic_time(nanosecond) - Before.

repeat(_, 0) -> ok;
repeat(Fun, N) -> Fun(), repeat(Fun, N - 1).

memory(Ports) ->
    erlang:garbage_collect(),
    Before = erlang:memory(system),
    Open = [open(echo_drv) || _ <- lists:seq(1, Ports)],
    erlang:garbage_collect(),
    After = erlang:memory(system),
    io:format("bytes of an open port\t~.1f~n", [(After - Before) / Ports]),
    [port_close(P) || P <- Open].
