%% What external programs cost in a real Erlang node: programs_beside_otp.py runs it, one node for each round.
%%
%%   erl -noshell -s program_speed main TINY_PROGRAM ECHO_PROGRAM COUNT
%%
%% Prints lines "case<TAB>sample" with the cases and units of program_benchmark. Everything runs in a process of its own
%% with a large heap, so that collections do not fall into a sample.
-module(program_speed).
-export([main/1]).

-define(at_once, 32).
-define(echoes, 50).
-define(stream_packets, 1024).

main([Tiny, Echo, Count]) ->
    Self = self(),
    spawn_opt(fun() ->
                      process_flag(trap_exit, true),
                      measure(atom_to_list(Tiny), atom_to_list(Echo), list_to_integer(atom_to_list(Count))),
                      Self ! done
              end, [{min_heap_size, 5000000}]),
    receive done -> halt(0) end.

measure(Tiny, Echo, Count) ->
    start_and_wait(Tiny),
    [say("spawn", time(fun() -> start_and_wait(Tiny) end)) || _ <- lists:seq(1, Count)],
    Programs = 10 * Count,
    Took = time(fun() -> many(Tiny, Programs, 0) end),
    say("starts/s", Programs * 1.0e9 / Took),
    echoes(Echo, Count, 16, "echo 16 B"),
    echoes(Echo, Count, 65536, "echo 64 KiB"),
    stream(max(1, Count div 20)).

start_and_wait(Tiny) ->
    P = open_port({spawn_executable, Tiny}, [exit_status]),
    receive {P, {exit_status, 0}} -> ok end,
    receive {'EXIT', P, _} -> ok end.

%% So many programs, some of them at once.
many(_, 0, 0) -> ok;
many(Tiny, Left, Running) when Left > 0, Running < ?at_once ->
    open_port({spawn_executable, Tiny}, []),
    many(Tiny, Left - 1, Running + 1);
many(Tiny, Left, Running) ->
    receive {'EXIT', _, _} -> many(Tiny, Left, Running - 1) end.

echoes(Echo, Count, Bytes, Name) ->
    P = open_port({spawn_executable, Echo}, [binary, {packet, 4}]),
    Data = binary:copy(<<"x">>, Bytes),
    [say(Name, time(fun() -> echo(P, Data, ?echoes) end) / ?echoes) || _ <- lists:seq(1, Count)],
    port_close(P).

echo(_, _, 0) -> ok;
echo(P, Data, Left) ->
    port_command(P, Data),
    receive {P, {data, _}} -> echo(P, Data, Left - 1) end.

stream(Count) ->
    P = open_port({spawn, "cat > /dev/null"}, [out, binary, {packet, 4}]),
    Data = binary:copy(<<"x">>, 65536),
    [begin
        Took = time(fun() -> [port_command(P, Data) || _ <- lists:seq(1, ?stream_packets)] end),
        say("stream GiB/s", ?stream_packets * 65536 * 1.0e9 / Took / (1 bsl 30))
     end || _ <- lists:seq(1, Count)],
    port_close(P).

time(Fun) ->
    Before = erlang:monotonic_time(nanosecond),
    Fun(),
    erlang:monotonic_time(nanosecond) - Before.

say(Name, Sample) -> io:format("~s\t~.1f~n", [Name, float(Sample)]).
