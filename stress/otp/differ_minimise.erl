%% The shortest part of a sequence that still shows it: delta debugging, by halves, quarters, … and at last one by one.
-module(differ_minimise).
-export([minimise/2]).

%% Fails: says whether a sequence shows it; the given one does.
minimise(Sequence, Fails) -> by_parts(Sequence, 2, Fails).

by_parts(Sequence, _, _) when length(Sequence) =< 1 -> Sequence;
by_parts(Sequence, Parts, Fails) ->
    Size = max(1, length(Sequence) div Parts),
    case first_without(Sequence, Size, 0, Fails) of
        {shorter, Shorter} -> by_parts(Shorter, max(2, Parts - 1), Fails);
        none when Size =:= 1 -> Sequence;
        none -> by_parts(Sequence, min(length(Sequence), Parts * 2), Fails)
    end.

%% Without one part of this size after another.
first_without(Sequence, _, From, _) when From >= length(Sequence) -> none;
first_without(Sequence, Size, From, Fails) ->
    {Head, Rest} = lists:split(From, Sequence),
    Shorter = Head ++ lists:nthtail(min(Size, length(Rest)), Rest),
    case Shorter =/= [] andalso Fails(Shorter) of
        true -> {shorter, Shorter};
        false -> first_without(Sequence, Size, From + Size, Fails)
    end.
