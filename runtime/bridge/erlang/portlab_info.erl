%% port_info/1,2 of a hosted port: the host's items, and the registered name, which is this node's.
-module(portlab_info).

-export([all/3, item/4]).

%% What port_info/1 has; port_info/2 has more.
-define(ITEMS, [name, links, id, connected, input, output, os_pid]).

all(Host, Number, Port) ->
    case items(Host, Number) of
        undefined -> undefined;
        Items ->
            [{registered_name, Name} || Name <- names(Host, Port)]
                ++ [Item || Item = {Key, _} <- Items, lists:member(Key, ?ITEMS)]
    end.

item(Host, Number, Port, Item) ->
    case items(Host, Number) of
        undefined -> undefined;
        _ when Item =:= registered_name -> registered_name(names(Host, Port));
        Items ->
            case lists:keyfind(Item, 1, Items) of
                false -> erlang:error(badarg);
                Found -> Found
            end
    end.

registered_name([]) -> [];
registered_name([Name]) -> {registered_name, Name}.

items(Host, Number) ->
    case portlab_host:ask(Host, {info, Number}, none) of
        {ok, Items} when is_list(Items) -> Items;
        _ -> undefined
    end.

names(Host, Port) -> portlab_host:name(Host, name_of, Port).
