%% The options of a host, where the tool is, and what is printed when a host dies.
-module(portlab_options).

-export([all/1, tool/1, arguments/3, identity/0, print_crash/1]).

%% The options given, and those that stand in the environment of the operating system
%% (PORTLAB_FLAVOUR, PORTLAB_MODE) or of the application `portlab`, for who starts no host by hand.
all(Options) ->
    lists:foldl(fun(Option = {Key, _}, Before) ->
                        case lists:keymember(Key, 1, Before) of
                            true -> Before;
                            false -> [Option | Before]
                        end
                end, [], Options ++ defaults()).

defaults() ->
    [{Option, list_to_atom(Value)}
     || {Option, Variable} <- [{flavour, "PORTLAB_FLAVOUR"}, {mode, "PORTLAB_MODE"}],
        Value <- [os:getenv(Variable)], Value =/= false, Value =/= ""]
        ++ application:get_env(portlab, options, []).

%% The path of `portlab`: an option, the environment variable PORTLAB, beside these modules, or PATH.
tool(Options) ->
    Candidates = [proplists:get_value(tool, Options, false), os:getenv("PORTLAB"),
                  beside(filename:dirname(code:which(?MODULE)), 6), os:find_executable("portlab")],
    case [Path || Path <- Candidates, Path =/= false, Path =/= ""] of
        [Path | _] -> Path;
        [] -> erlang:error({portlab_not_found, "set PORTLAB to the path of the tool `portlab`"})
    end.

beside(_Folder, 0) -> false;
beside(Folder, Levels) ->
    Path = filename:join([Folder, "bin", "portlab"]),
    case filelib:is_regular(Path) of
        true -> Path;
        false -> beside(filename:dirname(Folder), Levels - 1)
    end.

%% The command line of `portlab bridge`. An option that is none is badarg.
arguments(Options, PortsNode, PortsCreation) ->
    {Name, Creation} = identity(),
    ["bridge", "--node", atom_to_list(Name), "--node-creation", integer_to_list(Creation),
     "--ports-node", atom_to_list(PortsNode), "--ports-creation", integer_to_list(PortsCreation),
     "--flavour", atom_to_list(proplists:get_value(flavour, Options, asan))
     | lists:append([argument(Option) || Option <- Options])].

argument({mode, Mode}) when Mode =:= strict; Mode =:= otp -> ["--mode", atom_to_list(Mode)];
argument({port_limit, Limit}) when is_integer(Limit) -> ["--port-limit", integer_to_list(Limit)];
argument({schedulers, Count}) when is_integer(Count) -> ["--schedulers", integer_to_list(Count)];
argument({seed, Seed}) when is_integer(Seed) -> ["--seed", integer_to_list(Seed)];
argument({flavour, Flavour}) when is_atom(Flavour) -> [];
argument({tool, _}) -> [];
argument(Option) -> erlang:error(badarg, [Option]).

%% This node's name and creation, as they stand in its pids.
identity() ->
    <<131, 88, Rest/binary>> = term_to_binary(self()),
    Skip = byte_size(Rest) - 4,
    <<_:Skip/binary, Creation:32>> = Rest,
    {node(), Creation}.

print_crash(Info) ->
    How = maps:get(how, Info, <<>>),
    Class = maps:get(class, Info, <<>>),
    io:format(standard_error, "portlab: the host went down (~ts): ~ts~n", [Class, How]).
