%% Terms of two runs made comparable: ports, pids and references become names in the order of their first appearance,
%% functions and floats that stand for time have no place in them.
-module(differ_normalise).
-export([new/0, name/3, term/2, terms/2]).

%% What was seen so far: term to name, kind to count.
new() -> #{}.

%% Gives a port or pid a name before it appears.
name(Identity, Name, Seen) -> Seen#{Identity => Name}.

terms(Terms, Seen) -> lists:mapfoldl(fun term/2, Seen, Terms).

term(Term, Seen) when is_port(Term) -> identity(port, Term, Seen);
term(Term, Seen) when is_pid(Term) -> identity(pid, Term, Seen);
term(Term, Seen) when is_reference(Term) -> identity(ref, Term, Seen);
term(Term, Seen) when is_function(Term) -> {'fun', Seen};
term([Head | Tail], Seen) ->
    {NewHead, Seen1} = term(Head, Seen),
    {NewTail, Seen2} = term(Tail, Seen1),
    {[NewHead | NewTail], Seen2};
term(Term, Seen) when is_tuple(Term) ->
    {List, Seen1} = terms(tuple_to_list(Term), Seen),
    {list_to_tuple(List), Seen1};
term(Term, Seen) when is_map(Term) ->
    {List, Seen1} = terms(lists:sort(maps:to_list(Term)), Seen),
    {maps:from_list(List), Seen1};
term(Term, Seen) -> {Term, Seen}.

identity(Kind, Term, Seen) ->
    case Seen of
        #{Term := Name} -> {Name, Seen};
        _ ->
            Count = maps:get({count, Kind}, Seen, 0) + 1,
            Name = list_to_atom(lists:concat([Kind, Count])),
            {Name, Seen#{{count, Kind} => Count, Term => Name}}
    end.
