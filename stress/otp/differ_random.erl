%% Random operations on both sides: what each of them led to must be the same. A difference is run again with more patience,
%% for a machine that was slow once; then the sequence is made as short as it can be and printed, to be run with `replay`.
-module(differ_random).
-export([compare/3, replay/2]).

%% How long an operation may take before it is taken for one that waits, in milliseconds; and in the runs that confirm.
-define(PATIENCE, 60).
-define(MUCH_PATIENCE, 400).
-define(CONFIRMATIONS, 2).

%% So many operations for each seed; true when no difference is unexplained.
compare(Seeds, Count, Sides) ->
    put(idle, 0),
    Verdicts = [one_seed(Seed, Count, Sides) || Seed <- Seeds],
    Unsteady = length([V || V <- Verdicts, V =:= unsteady]),
    Different = length([V || V <- Verdicts, V =:= different]),
    differ_report:line("~w operations (~w of them found nothing to act on), ~w seeds: ~w differ, ~w differed once and not again~n",
        [length(Seeds) * Count, get(idle), length(Seeds), Different, Unsteady]),
    Different =:= 0.

one_seed(Seed, Count, Sides) ->
    Operations = differ_generator:generate(Seed, Count),
    case difference(Operations, ?PATIENCE, Sides) of
        none ->
            equal;
        {At, Pair} ->
            Head = lists:sublist(Operations, At),
            case confirmed(Head, ?CONFIRMATIONS, Sides) of
                false ->
                    differ_report:line("seed ~w: operation ~w differed once: ~0tp~n", [Seed, At, Pair]),
                    unsteady;
                true ->
                    differ_report:line("seed ~w: operation ~w differs; making the sequence shorter~n", [Seed, At]),
                    Short = differ_minimise:minimise(Head, fun(Part) -> difference(Part, ?PATIENCE, Sides) =/= none end),
                    differ_report:line("seed ~w: ~w operations show it:~n~tp.~n", [Seed, length(Short), Short]),
                    report(difference(Short, ?PATIENCE, Sides)),
                    different
            end
    end.

%% Every one of so many runs differs.
confirmed(_, 0, _) -> true;
confirmed(Operations, Runs, Sides) ->
    difference(Operations, ?MUCH_PATIENCE, Sides) =/= none andalso confirmed(Operations, Runs - 1, Sides).

%% Runs these operations and prints what each led to; true when both sides agree.
replay(Operations, Sides) ->
    Otp = run(Operations, ?MUCH_PATIENCE, native),
    Here = run(Operations, ?MUCH_PATIENCE, differ_sides:other(Sides)),
    [case {A, B} of
        {Same, Same} -> differ_report:line("~0tp~n", [Same]);
        _ -> report({0, {A, B}})
    end || {A, B} <- differ_table:pairs(Otp, Here)],
    Otp =:= Here.

report(none) -> differ_report:line("(not in the last run)~n", []);
report({_, {{Operation, A}, {Operation, B}}}) ->
    differ_report:line("DIFFERS: ~0tp~n  OTP:  ~0tp~n  here: ~0tp~n", [Operation, A, B]);
report({_, {A, B}}) -> differ_report:line("DIFFERS:~n  OTP:  ~0tp~n  here: ~0tp~n", [A, B]).

%% The first operation that leads to something else, counted from 1, with both observations.
difference(Operations, Patience, Sides) ->
    Table = differ_table:read(Sides),
    Otp = run(Operations, Patience, native),
    Here = run(Operations, Patience, differ_sides:other(Sides)),
    put(idle, get(idle) + length([O || {_, {Result, _, _, _, _}} = O <- Otp,
        lists:member(Result, [no_port, no_monitor, slot_is_taken, client_is_blocked, another_is_blocked])])),
    first([{At, Pair} || {At, Pair = {A, B}} <- lists:zip(lists:seq(1, max(length(Otp), length(Here))), differ_table:pairs(Otp, Here)),
        A =/= B, not differ_table:explains_random(Pair, Table)]).

first([]) -> none;
first([First | _]) -> First.

run(Operations, Patience, Side) ->
    Words = differ_sides:module(differ_words, Side),
    World = differ_sides:module(differ_world, Side),
    Before = Words:ports(),
    Observations = World:run(Operations, Patience),
    Observations ++ [{left_behind, What} || What <- Words:clean_up(Before)].
