%% Real OTP's half of the comparison: evaluates Erlang expressions, each in a fresh process that traps exits, and writes
%% down what they say. Beside Erlang's own functions an expression may call the exported ones below, and use the
%% variables it is given.
%%
%% run(Questions, Answers): the first is a file of terms, [{Variable,Value}] and then {Name,Expression} each; the second
%% gets a line "=== Name" for each, and below it one line for each thing said.
-module(otp_answers).
-export([run/2]).
-export([adler/1, answer/1, charge/2, driver_directory/1, files/1, load/2, open/2, quiet/1, say/1, sh/2, take/1]).

-define(patience, 10000).

run(Questions, Answers) ->
    {ok, [Variables | Cases]} = file:consult(Questions),
    true = register(answers, self()),
    {ok, File} = file:open(Answers, [write]),
    [ok = file:write(File, ["=== ", Name, $\n | evaluate(Expression, Variables)]) || {Name, Expression} <- Cases],
    ok = file:close(File).

evaluate(Text, Variables) ->
    {ok, Tokens, _} = erl_scan:string(Text ++ "."),
    {ok, Expressions} = erl_parse:parse_exprs(Tokens),
    Local = {value, fun(Name, Arguments) -> apply(?MODULE, Name, Arguments) end},
    Bindings = lists:foldl(fun({N, V}, Map) -> erl_eval:add_binding(N, V, Map) end, erl_eval:new_bindings(), Variables),
    {_, Monitor} = spawn_monitor(fun() ->
        process_flag(trap_exit, true),
        erl_eval:exprs(Expressions, Bindings, Local)
    end),
    collect(Monitor).

collect(Monitor) ->
    receive
        {said, Line} -> [Line, $\n | collect(Monitor)];
        {'DOWN', Monitor, process, _, normal} -> [];
        {'DOWN', Monitor, process, _, Why} -> io_lib:format("ended: ~0tp~n", [Why])
    after 3 * ?patience -> "stuck\n"
    end.

say(Term) ->
    answers ! {said, unicode:characters_to_binary(io_lib:format("~0p", [Term]))},
    ok.

%% Says what Fun returns, or the error.
answer(Fun) ->
    try say(Fun())
    catch error:Reason -> say({error, Reason})
    end.

%% The port; an error is said.
open(Name, Options) ->
    try open_port(Name, Options)
    catch error:Reason -> say({error, Reason}), none
    end.

sh(Script, Options) -> open({spawn_executable, "/bin/sh"}, [{args, ["-c", Script]} | Options]).

%% Says the next Count messages.
take(0) -> ok;
take(Count) ->
    receive Message -> say(Message)
    after ?patience -> say(nothing)
    end,
    take(Count - 1).

%% Says what comes within so many milliseconds.
quiet(Time) ->
    receive Message -> say({unexpected, Message})
    after Time -> ok
    end.

%% Loads from a directory, or from where an application keeps its drivers.
load(Application, Driver) when is_atom(Application) ->
    load(filename:join(code:priv_dir(Application), "lib"), Driver);
load(Directory, Driver) ->
    case erl_ddll:load_driver(Directory, Driver) of
        ok -> ok;
        {error, Why} -> say({error, erl_ddll:format_error(Why)})
    end.

%% Says where an application keeps its drivers.
driver_directory(Application) ->
    case code:priv_dir(Application) of
        {error, _} -> say("");
        Directory -> say(filename:join(Directory, "lib"))
    end.

%% Says name and bytes of each file of a directory.
files(Directory) ->
    {ok, Names} = file:list_dir(Directory),
    [begin
        {ok, Bytes} = file:read_file(filename:join(Directory, Name)),
        say({Name, binary_to_list(Bytes)})
     end || Name <- lists:sort(Names)],
    ok.

%% Says length and check sum of bytes that are too many to print.
adler(Bytes) -> say({byte_size(Bytes), erlang:adler32(Bytes)}).

%% Says what the call costs in reductions, in tens, beyond what any call costs.
charge(Function, Arguments) ->
    say(round((reductions_of(Function, Arguments) - reductions_of(self, [])) / 10) * 10).

reductions_of(Function, Arguments) ->
    {reductions, Before} = process_info(self(), reductions),
    repeat(100, Function, Arguments),
    {reductions, After} = process_info(self(), reductions),
    (After - Before) / 100.

repeat(0, _, _) -> ok;
repeat(N, Function, Arguments) ->
    apply(erlang, Function, Arguments),
    repeat(N - 1, Function, Arguments).
