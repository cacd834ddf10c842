%% The two sides of the comparison, made of one text: the modules that are to run on a side are compiled in memory under a
%% name of that side, which they use for each other, with the parse transform of that side.
%%
%%   native   as they are: OTP
%%   bridge   through portlab_transform: portlab, with one scheduler and OTP's way with misuse
%%   twin     through differ_twin: OTP with a planted difference, for the canaries
%%   bridge_twin  both
-module(differ_sides).
-export([open/3, close/0, other/1, directory/1, modules/1, module/2]).

-record(sides, {directory, other, modules}).

%% Both sides, ready to be run: native, and Other.
open(Directory, Other, Tool) ->
    Files = lists:sort(filelib:wildcard(filename:join(Directory, "differ_scenarios_*.erl")))
        ++ [filename:join(Directory, Name) || Name <- ["differ_words.erl", "differ_world.erl", "differ_operations.erl"]],
    Names = [list_to_atom(filename:basename(File, ".erl")) || File <- Files],
    [compile(File, Names, Side, Directory) || Side <- lists:usort([native, Other]), File <- Files],
    lists:member(Other, [bridge, bridge_twin]) andalso start(Tool),
    #sides{directory = Directory, other = Other, modules = Names}.

start(Tool) ->
    {ok, Host} = portlab:start([{flavour, plain}, {mode, otp}, {schedulers, 1}, {tool, Tool}]),
    put(host, Host).

%% A host that crashed, or never started, is no reason to fail.
close() -> get(host) =:= undefined orelse catch portlab:stop(get(host)).

other(#sides{other = Other}) -> Other.

directory(#sides{directory = Directory}) -> Directory.

%% The modules, by the names they have in the text.
modules(#sides{modules = Modules}) -> Modules.

%% The name of a module's copy.
module(Name, native) -> Name;
module(Name, Side) -> list_to_atom(lists:concat([Name, '@', Side])).

compile(File, Names, Side, Directory) ->
    {ok, Forms} = epp:parse_file(File, [{includes, [Directory]}, {source_name, filename:basename(File)}]),
    case compile:forms(rename(Forms, Names, Side), [return_errors, report_warnings | transform(Side)]) of
        {ok, Module, Code} -> {module, Module} = code:load_binary(Module, filename:basename(File), Code);
        {error, Errors, _} -> error({does_not_compile, File, Side, Errors})
    end.

transform(native) -> [];
transform(bridge) -> [{parse_transform, portlab_transform}];
transform(twin) -> [{parse_transform, differ_twin}];
transform(bridge_twin) -> [{parse_transform, differ_twin}, {parse_transform, portlab_transform}].

%% Every mention of one of the modules, in the module and import attributes and as an atom of the code.
rename({attribute, At, module, Name}, Names, Side) -> {attribute, At, module, renamed(Name, Names, Side)};
rename({attribute, At, import, {Name, List}}, Names, Side) -> {attribute, At, import, {renamed(Name, Names, Side), List}};
rename({attribute, _, _, _} = Other, _, _) -> Other;
rename({atom, At, Name}, Names, Side) -> {atom, At, renamed(Name, Names, Side)};
rename(Tuple, Names, Side) when is_tuple(Tuple) -> list_to_tuple(rename(tuple_to_list(Tuple), Names, Side));
rename([Head | Tail], Names, Side) -> [rename(Head, Names, Side) | rename(Tail, Names, Side)];
rename(Other, _, _) -> Other.

renamed(Name, Names, Side) ->
    case lists:member(Name, Names) of
        true -> module(Name, Side);
        false -> Name
    end.
