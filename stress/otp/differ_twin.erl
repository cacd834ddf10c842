%% The broken twin of OTP, for the canaries: everything as it is, but unlink/1 does nothing. A harness that does not see it
%% sees nothing.
-module(differ_twin).
-export([parse_transform/2, unlink/1]).

unlink(_) -> true.

parse_transform(Forms, _) -> map(Forms).

map({call, At, {atom, _, unlink}, [Argument]}) ->
    {call, At, {remote, At, {atom, At, ?MODULE}, {atom, At, unlink}}, [map(Argument)]};
map(Tuple) when is_tuple(Tuple) -> list_to_tuple(map(tuple_to_list(Tuple)));
map([Head | Tail]) -> [map(Head) | map(Tail)];
map(Other) -> Other.
