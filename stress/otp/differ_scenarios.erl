%% Runs scenarios on both sides and compares their traces. A scenario is an exported function of no arguments of a module
%% differ_scenarios_*; it runs in a process of its own that traps exits. Its trace is what it said, normalised, in the form
%% {said,Term}; anything else in a trace is what went wrong: {not_as_recorded,Recorded,Seen}, {ended,Why}, {late,Term},
%% {left_behind,What}, stuck.
-module(differ_scenarios).
-export([compare/2]).

%% How long a scenario may take, in milliseconds.
-define(PATIENCE, 30000).

%% All scenarios, or those of these names; true when no difference is unexplained.
compare(Names, Sides) ->
    Side = differ_sides:other(Sides),
    Table = differ_table:read(Sides),
    Chosen = [S || S = {_, Name} <- all(Sides), Names =:= [] orelse lists:member(Name, Names),
        Side =:= bridge orelse not differ_table:ends_otp(Name, Table)],
    Chosen =/= [] orelse error({no_such_scenario, Names}),
    Otp = [case differ_table:ends_otp(Name, Table) of
        true -> not_run;
        false -> run(Scenario, native)
    end || Scenario = {_, Name} <- Chosen],
    Here = [run(Scenario, Side) || Scenario <- Chosen],
    Verdicts = [{Name, judge(Name, A, B, Table)} || {{_, Name}, A, B} <- lists:zip3(Chosen, Otp, Here)],
    Used = lists:append([Entries || {_, {explained, Entries}} <- Verdicts]),
    Unused = if Names =:= [], Side =:= bridge -> differ_table:unused(Used, Table); true -> [] end,
    [report(Name, Verdict) || {Name, Verdict} <- Verdicts],
    [differ_report:line("UNUSED entry of differences.terms: ~p~n", [Entry]) || Entry <- Unused],
    {WithoutEntry, WithoutRow} = differ_table:rows_apart(Sides, Table),
    [differ_report:line("a row of ARCHITECTURE's table has no entry in differences.terms: ~ts~n", [Row]) || Row <- WithoutEntry],
    [differ_report:line("an entry of differences.terms has no row in ARCHITECTURE's table: ~ts~n", [Row]) || Row <- WithoutRow],
    Failed = length([Name || {Name, {unexplained, _}} <- Verdicts]),
    differ_report:line("~w scenarios, ~w observations on OTP; ~w scenarios differ, ~w differences are explained, ~w entries unused~n",
        [length(Chosen), lists:sum([length(T) || T <- Otp, is_list(T)]), Failed, length(Used), length(Unused)]),
    Failed =:= 0 andalso Unused =:= [] andalso WithoutEntry =:= [] andalso WithoutRow =:= [].

all(Sides) ->
    [{Module, Name} || Module <- differ_sides:modules(Sides), lists:prefix("differ_scenarios_", atom_to_list(Module)),
        {Name, 0} <- lists:sort(Module:module_info(exports)), Name =/= module_info].

%% The trace of a scenario.
run({Module, Name}, Side) ->
    Words = differ_sides:module(differ_words, Side),
    Copy = differ_sides:module(Module, Side),
    Before = Words:ports(),
    true = register(differ_collector, self()),
    {Pid, Monitor} = spawn_monitor(fun() ->
        process_flag(trap_exit, true),
        Copy:Name()
    end),
    Trace = collect(Pid, Monitor),
    true = unregister(differ_collector),
    {Normal, _} = differ_normalise:terms(Trace ++ said_late(), differ_normalise:new()),
    Normal ++ [{left_behind, What} || What <- Words:clean_up(Before)].

collect(Pid, Monitor) ->
    receive
        {said, Term} -> [{said, Term} | collect(Pid, Monitor)];
        {not_as_recorded, Recorded, Seen} -> [{not_as_recorded, Recorded, Seen} | collect(Pid, Monitor)];
        {'DOWN', Monitor, process, _, normal} -> [];
        {'DOWN', Monitor, process, _, Why} -> [{ended, without_stack(Why)}]
    after ?PATIENCE ->
        exit(Pid, kill),
        receive {'DOWN', Monitor, process, _, _} -> [stuck] end
    end.

said_late() ->
    receive {said, Term} -> [{late, Term} | said_late()]
    after 0 -> []
    end.

%% Module names and lines of a stack are a side's own.
without_stack({Why, [{_, _, _, _} | _]}) -> Why;
without_stack(Why) -> Why.

%% A scenario whose trace is not what was recorded of OTP differs, whatever the other side says; so does one that says nothing.
judge(Name, not_run, Here, Table) -> differ_table:explain_alone(Name, Here, Table);
judge(_, [], _, _) -> {unexplained, [{says_nothing, says_nothing}]};
judge(Name, Otp, Here, Table) ->
    case [What || What <- Otp, not is_tuple(What) orelse element(1, What) =/= said] of
        [] -> differ_table:explain(Name, Otp, Here, Table);
        Wrong -> {unexplained, [{What, '_'} || What <- Wrong]}
    end.

report(_, equal) -> ok;
report(Name, {explained, Entries}) ->
    [differ_report:line("explained: ~s: ~ts~n", [Name, element(2, Entry)]) || Entry <- Entries];
report(Name, {unexplained, Pairs}) ->
    [differ_report:line("DIFFERS: ~s~n  OTP:  ~0tp~n  here: ~0tp~n", [Name, A, B]) || {A, B} <- Pairs].
