%% The random operations as functions that a client runs. Compiled twice, as the scenarios are.
-module(differ_operations).
-export([function/4, resolve/2]).

%% The port in a slot, which may be long closed, or the name; none: nothing was opened there.
resolve({name, Name}, _) -> {ok, Name};
resolve({slot, Slot}, Ports) ->
    case Ports of
        #{Slot := Port} -> {ok, Port};
        _ -> none
    end.

%% What the operation does; none: there is no port for it. Ports: slot to port; Clients: number to process; Dead: a process
%% that is gone.
function({ports, _}, _, _, _) ->
    fun() -> {length(erlang:ports()) =:= erlang:system_info(port_count)} end;
function({trap, _, Value}, _, _, _) ->
    fun() -> process_flag(trap_exit, Value) end;
function({unregister, _, {name, Name}}, _, _, _) ->
    fun() -> unregister(Name) end;
function({ddll, _, What}, _, _, _) -> ddll(What);
function({ddll, _, What, How}, _, _, _) -> ddll(What, How);
function(Operation, Ports, Clients, Dead) ->
    case resolve(element(3, Operation), Ports) of
        none -> none;
        {ok, Port} ->
            Owner = case element(1, Operation) of
                Kind when Kind =:= bang; Kind =:= send -> owner(Port);
                _ -> none
            end,
            on_port(setelement(3, pids(Operation, Clients, Dead, Owner), Port))
    end.

%% The connected process, as the port has it.
owner(Port) ->
    try erlang:port_info(Port, connected) of
        {connected, Pid} -> Pid;
        undefined -> nobody
    catch error:badarg -> nobody
    end.

%% Processes in the place of {client,N}, dead and owner.
pids({client, Number}, Clients, _, _) -> maps:get(Number, Clients);
pids(dead, _, Dead, _) -> Dead;
pids(owner, _, _, Owner) -> Owner;
pids(Tuple, Clients, Dead, Owner) when is_tuple(Tuple) ->
    list_to_tuple([pids(Element, Clients, Dead, Owner) || Element <- tuple_to_list(Tuple)]);
pids(Other, _, _, _) -> Other.

on_port({command, _, Port, Data, Options}) -> fun() -> port_command(Port, Data, Options) end;
on_port({bang, _, Port, Message}) -> fun() -> Port ! Message, sent end;
on_port({send, _, Port, Message, Options}) -> fun() -> erlang:send(Port, Message, Options) end;
on_port({control, _, Port, Operation, Data}) -> fun() -> port_control(Port, Operation, Data) end;
on_port({call, _, Port, Operation, Term}) -> fun() -> erlang:port_call(Port, Operation, Term) end;
on_port({close, _, Port}) -> fun() -> port_close(Port) end;
on_port({connect, _, Port, Pid}) -> fun() -> port_connect(Port, Pid) end;
on_port({exit, _, Port, Reason}) when is_atom(Port) -> fun() -> exit(whereis(Port), Reason) end;
on_port({exit, _, Port, Reason}) -> fun() -> exit(Port, Reason) end;
on_port({link, _, Port}) -> fun() -> link(Port) end;
on_port({unlink, _, Port}) -> fun() -> unlink(Port) end;
on_port({info, _, Port, all}) -> fun() -> info(Port) end;
on_port({info, _, Port, Item}) -> fun() -> sorted(erlang:port_info(Port, Item)) end;
on_port({set_data, _, Port, Term}) -> fun() -> erlang:port_set_data(Port, Term) end;
on_port({get_data, _, Port}) -> fun() -> erlang:port_get_data(Port) end;
on_port({register, _, Port, {name, Name}}) -> fun() -> register(Name, Port) end.

%% Without the number of the slot, which is the table's own affair.
info(Port) ->
    case erlang:port_info(Port) of
        undefined -> undefined;
        Items -> [sorted(Item) || Item <- Items, element(1, Item) =/= id]
    end.

%% Links and monitors are sets.
sorted({Item, List}) when Item =:= links; Item =:= monitors; Item =:= monitored_by -> {Item, lists:sort(List)};
sorted(Other) -> Other.

%% The driver that clients load and unload.
ddll(load_driver) -> fun() -> erl_ddll:load_driver(directory(), differ_lock_drv) end;
ddll(load) -> fun() -> erl_ddll:load(directory(), differ_lock_drv) end;
ddll(unload_driver) -> fun() -> erl_ddll:unload_driver(differ_lock_drv) end;
ddll(unload) -> fun() -> erl_ddll:unload(differ_lock_drv) end.

ddll(try_load, Options) -> fun() -> erl_ddll:try_load(directory(), differ_lock_drv, Options) end;
ddll(try_unload, Options) -> fun() -> erl_ddll:try_unload(differ_lock_drv, Options) end;
ddll(monitor, When) -> fun() -> erl_ddll:monitor(driver, {differ_lock_drv, When}) end;
ddll(info, Item) -> fun() -> sorted_users(erl_ddll:info(differ_lock_drv, Item)) end.

sorted_users(List) when is_list(List) -> lists:sort(List);
sorted_users(Other) -> Other.

directory() -> persistent_term:get(differ_drivers).
