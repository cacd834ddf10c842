%% The differential harness: real OTP is the oracle. The script `differ`, which starts it, says what it takes.
-module(differ).
-export([main/1]).

%% Exit statuses.
-define(EQUAL, 0).
-define(DIFFERENT, 1).
-define(USAGE, 2).
-define(BROKEN, 5).

main([Directory, Drivers, Side, Tool | Arguments]) ->
    io:setopts([{encoding, unicode}]),
    persistent_term:put(differ_drivers, Drivers),
    Status = try
            run(Arguments, differ_sides:open(Directory, list_to_atom(Side), Tool))
        catch Class:Reason:Stack ->
            differ_report:line("differ: the harness itself failed: ~p~n", [{Class, Reason, Stack}]),
            ?BROKEN
        end,
    differ_sides:close(),
    differ_report:flush(),
    halt(Status, [{flush, false}]).

run(["scenarios" | Names], Sides) -> status(differ_scenarios:compare([list_to_atom(Name) || Name <- Names], Sides));
run(["random", Seeds, Operations], Sides) -> run(["random", Seeds, Operations, "1"], Sides);
run(["random", Seeds, Operations, First], Sides) ->
    From = list_to_integer(First),
    status(differ_random:compare(lists:seq(From, From + list_to_integer(Seeds) - 1), list_to_integer(Operations), Sides));
run(["replay", File], Sides) ->
    {ok, [Operations]} = file:consult(File),
    status(differ_random:replay(Operations, Sides));
run(Other, _) ->
    differ_report:line("differ: no such command: ~p~n", [Other]),
    ?USAGE.

status(true) -> ?EQUAL;
status(false) -> ?DIFFERENT.
