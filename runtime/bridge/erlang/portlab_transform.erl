%% The parse transform that has a module's ports and drivers hosted by portlab: compile a driver's
%% wrapper and its tests with {parse_transform, portlab_transform}, and leave their sources as they are.
%%
%% Calls of the port BIFs, auto-imported or qualified, of erl_ddll, the send operator, funs that name
%% one of these, and apply/3 where module and function are written out, go to the function of the same
%% name in portlab. What is computed at run time (Mod:Fun(), apply(Mod, Fun, Args)) stays as it is.
-module(portlab_transform).

-export([parse_transform/2]).

parse_transform(Forms, _Options) ->
    Scope = scope(Forms),
    [form(Form, Scope) || Form <- Forms].

%% The functions that portlab takes over.
hosted(erlang) ->
    [{open_port, 2}, {port_command, 2}, {port_command, 3}, {port_control, 3}, {port_call, 2},
     {port_call, 3}, {port_close, 1}, {port_connect, 2}, {port_info, 1}, {port_info, 2},
     {port_set_data, 2}, {port_get_data, 1}, {ports, 0}, {link, 1}, {unlink, 1}, {monitor, 2},
     {monitor, 3}, {demonitor, 1}, {demonitor, 2}, {exit, 2}, {send, 2}, {send, 3},
     {send_nosuspend, 2}, {send_nosuspend, 3},
     {register, 2}, {unregister, 1}, {whereis, 1}, {system_info, 1}];
hosted(erl_ddll) ->
    [{load, 2}, {load_driver, 2}, {try_load, 3}, {unload, 1}, {unload_driver, 1},
     {try_unload, 2}, {reload, 2}, {reload_driver, 2}, {info, 0}, {info, 1}, {info, 2},
     {loaded_drivers, 0}, {monitor, 2}, {demonitor, 1}, {format_error, 1}];
hosted(_) ->
    [].

%% What an unqualified name means in this module: the functions it defines or imports, and the BIFs
%% it does not want.
scope(Forms) ->
    Own = [{Name, Arity} || {function, _, Name, Arity, _} <- Forms],
    Unwanted = lists:append([no_auto_import(Option) || {attribute, _, compile, Option} <- Forms]),
    Imports = [{Function, Module}
               || {attribute, _, import, {Module, Functions}} <- Forms, Function <- Functions],
    #{own => Own ++ Unwanted, imports => maps:from_list(Imports)}.

no_auto_import({no_auto_import, Functions}) -> Functions;
no_auto_import(Options) when is_list(Options) ->
    lists:append([no_auto_import(Option) || Option <- Options]);
no_auto_import(_) -> [].

form({function, Anno, Name, Arity, Clauses}, Scope) ->
    {function, Anno, Name, Arity, walk(Clauses, Scope)};
form(Form, _Scope) ->
    Form.

walk({op, Anno, '!', To, Message}, Scope) ->
    {call, Anno, remote(Anno, send), [walk(To, Scope), walk(Message, Scope)]};
walk({call, Anno, Function, Arguments}, Scope) ->
    call(Anno, Function, Arguments, Scope);
walk({'fun', Anno, {function, Name, Arity}} = Fun, Scope) when is_atom(Name) ->
    case is_hosted(meant(Name, Arity, Scope), Name, Arity) of
        true -> fun_of(Anno, {atom, Anno, Name}, {integer, Anno, Arity});
        false -> Fun
    end;
walk({'fun', Anno, {function, {atom, _, Module}, {atom, _, Name} = Function, {integer, _, Arity} = A}} = Fun,
     _Scope) ->
    case is_hosted(Module, Name, Arity) of
        true -> fun_of(Anno, Function, A);
        false -> Fun
    end;
walk(Tuple, Scope) when is_tuple(Tuple) ->
    list_to_tuple(walk(tuple_to_list(Tuple), Scope));
walk([Head | Tail], Scope) ->
    [walk(Head, Scope) | walk(Tail, Scope)];
walk(Other, _Scope) ->
    Other.

call(Anno, Function, Arguments, Scope) ->
    {Module, Name} = named(Function, length(Arguments), Scope),
    Walked = walk(Arguments, Scope),
    case is_hosted(Module, Name, length(Arguments)) of
        true -> {call, Anno, remote(Anno, Name), Walked};
        false when Module =:= erlang, Name =:= apply -> {call, Anno, Function, applied(Walked)};
        false -> {call, Anno, walk(Function, Scope), Walked}
    end.

%% Which function is called; {undefined, undefined} where it is not written out.
named({remote, _, {atom, _, Module}, {atom, _, Name}}, _Arity, _Scope) -> {Module, Name};
named({atom, _, Name}, Arity, Scope) -> {meant(Name, Arity, Scope), Name};
named(_, _, _) -> {undefined, undefined}.

%% The module whose function an unqualified name is.
meant(Name, Arity, #{own := Own, imports := Imports}) ->
    case {lists:member({Name, Arity}, Own), Imports} of
        {true, _} -> undefined;
        {false, #{{Name, Arity} := Module}} -> Module;
        {false, _} ->
            case erl_internal:bif(Name, Arity) of
                true -> erlang;
                false -> undefined
            end
    end.

%% apply(Module, Function, Arguments).
applied([{atom, Anno, Module}, {atom, _, Name} = Function, Arguments] = As) ->
    Hosted = case proper_length(Arguments, 0) of
                 unknown -> lists:keymember(Name, 1, hosted(Module));
                 Arity -> is_hosted(Module, Name, Arity)
             end,
    case Hosted of
        true -> [{atom, Anno, portlab}, Function, Arguments];
        false -> As
    end;
applied(Arguments) ->
    Arguments.

proper_length({nil, _}, Count) -> Count;
proper_length({cons, _, _, Tail}, Count) -> proper_length(Tail, Count + 1);
proper_length(_, _) -> unknown.

is_hosted(Module, Name, Arity) -> lists:member({Name, Arity}, hosted(Module)).

remote(Anno, Name) -> {remote, Anno, {atom, Anno, portlab}, {atom, Anno, Name}}.

fun_of(Anno, Function, Arity) -> {'fun', Anno, {function, {atom, Anno, portlab}, Function, Arity}}.
