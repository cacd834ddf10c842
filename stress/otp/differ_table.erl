%% The table of the differences that are meant: differences.terms, which says what an entry is.
-module(differ_table).
-export([read/1, ends_otp/2, explain/4, explain_alone/3, explains_random/2, unused/2, pairs/2, rows_apart/2]).

read(Sides) ->
    {ok, Entries} = file:consult(filename:join(differ_sides:directory(Sides), "differences.terms")),
    [is_entry(Entry) orelse error({no_entry, Entry}) || Entry <- Entries],
    Entries.

is_entry({scenario, Row, Name, _, _}) -> is_list(Row) andalso is_atom(Name);
is_entry({alone, Row, Name, Here}) -> is_list(Row) andalso is_atom(Name) andalso is_list(Here);
is_entry({random, Row, _, _, _}) -> is_list(Row);
is_entry({elsewhere, Row, Test}) -> is_list(Row) andalso is_list(Test);
is_entry(_) -> false.

%% This scenario is not for OTP.
ends_otp(Name, Table) -> [Entry || {alone, _, Scenario, _} = Entry <- Table, Scenario =:= Name] =/= [].

%% Two traces: equal, or {explained, Entries}, or {unexplained, [{Otp, Here}]}.
explain(_, Trace, Trace, _) -> equal;
explain(Name, Otp, Here, Table) ->
    Found = [{Pair, [Entry || Entry <- Table, explains(Entry, Name, Pair)]} || Pair = {A, B} <- pairs(Otp, Here), A =/= B],
    case [Pair || {Pair, []} <- Found] of
        [] -> {explained, lists:append([Entries || {_, Entries} <- Found])};
        Unexplained -> {unexplained, Unexplained}
    end.

%% Two traces side by side, the shorter with nothing at its end.
pairs([A | As], [B | Bs]) -> [{A, B} | pairs(As, Bs)];
pairs([], Bs) -> [{nothing, B} || B <- Bs];
pairs(As, []) -> [{A, nothing} || A <- As].

explains({scenario, _, Name, Otp, Here}, Name, {{said, A}, {said, B}}) -> matches(Otp, A) andalso matches(Here, B);
explains(_, _, _) -> false.

%% The trace of a scenario that OTP did not run.
explain_alone(Name, Here, Table) ->
    [{alone, _, _, Expected} = Entry] = [Entry || {alone, _, Scenario, _} = Entry <- Table, Scenario =:= Name],
    case [{said, Term} || Term <- Expected] of
        Here -> {explained, [Entry]};
        Trace -> {unexplained, [{{not_run_on_otp, Trace}, Here}]}
    end.

explains_random({{Operation, A}, {Operation, B}}, Table) ->
    lists:any(fun({random, _, Pattern, Otp, Here}) -> matches(Pattern, Operation) andalso matches(Otp, A) andalso matches(Here, B);
        (_) -> false end, Table);
explains_random(_, _) -> false.

matches('_', _) -> true;
matches([Head | Tail], [A | B]) -> matches(Head, A) andalso matches(Tail, B);
matches(Pattern, Term) when is_tuple(Pattern), is_tuple(Term), tuple_size(Pattern) =:= tuple_size(Term) ->
    matches(tuple_to_list(Pattern), tuple_to_list(Term));
matches(Same, Same) -> true;
matches(_, _) -> false.

%% Rows of ARCHITECTURE's table without entry, and the rows of entries that are not there.
rows_apart(Sides, Table) ->
    {ok, Text} = file:read_file(filename:join([differ_sides:directory(Sides), "../../runtime/ARCHITECTURE.md"])),
    [_, After] = string:split(Text, "## Where the runtime differs from OTP on purpose"),
    [Section | _] = string:split(After, "\n## "),
    Lines = [Line || <<"| ", Line/binary>> <- string:split(Section, "\n", all)],
    [_Heading | Rows] = [unicode:characters_to_list(hd(string:split(Line, " | "))) || Line <- Lines],
    Known = lists:usort([element(2, Entry) || Entry <- Table]),
    {Rows -- Known, Known -- Rows}.

%% The entries that did not occur though each scenario was run.
unused(Used, Table) ->
    [Entry || Entry <- Table, lists:member(element(1, Entry), [scenario, alone]), not lists:member(Entry, Used)].
