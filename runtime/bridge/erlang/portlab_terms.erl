%% Terms that cross the bridge: port and reference terms of hosts, and terms that a host does not have.
-module(portlab_terms).

-export([find/1, port_number/1, plain/1]).

%% The runtime behind the host has no terms for funs, bit strings, and pids, ports and references of
%% other nodes. No BIF takes them where it looks, but for port_call, and a reference is as wrong.
plain([Head | Tail]) -> [plain(Head) | plain(Tail)];
plain(Tuple) when is_tuple(Tuple) -> list_to_tuple(plain(tuple_to_list(Tuple)));
plain(Map) when is_map(Map) -> maps:from_list(plain(maps:to_list(Map)));
plain(Bits) when is_bitstring(Bits), not is_binary(Bits) -> make_ref();
plain(Fun) when is_function(Fun) -> make_ref();
plain(Far) when is_port(Far) -> make_ref();
plain(Far) when (is_pid(Far) orelse is_reference(Far)), node(Far) =/= node() -> make_ref();
plain(Other) -> Other.

%% The host of a port or reference: {Host, Number | reference}; closed: of one that is gone; other: not
%% portlab's.
find(Local) when node(Local) =:= node() -> other;
find(Term) ->
    case persistent_term:get({portlab, node(Term)}, other) of
        other -> other;
        {Host, Creation} when is_port(Term) ->
            {Number, PortCreation} = port_number(Term),
            case PortCreation of
                Creation -> {Host, Number};
                _ -> closed
            end;
        {Host, _} -> {Host, reference}
    end.

port_number(Port) ->
    case term_to_binary(Port) of
        <<131, 120, Rest/binary>> ->
            Skip = byte_size(Rest) - 12,
            <<_:Skip/binary, Number:64, Creation:32>> = Rest,
            {Number, Creation};
        <<131, 89, Rest/binary>> ->
            Skip = byte_size(Rest) - 8,
            <<_:Skip/binary, Number:32, Creation:32>> = Rest,
            {Number, Creation}
    end.
