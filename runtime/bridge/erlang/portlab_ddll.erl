%% erl_ddll for one host: what portlab's functions of the same names do.
-module(portlab_ddll).

-export([load/3, load_driver/3, try_load/4, unload/2, unload_driver/2, try_unload/3,
         loaded_drivers/1, format_error/2]).

load(Host, Path, Name) -> load_driver(Host, Path, Name).

load_driver(Host, Path, Name) ->
    case portlab_host:ask(Host, {load_driver, Path, Name}, none) of
        {ok, loaded} -> ok;
        {error, Reason, _} -> {error, Reason};
        Gone -> portlab_host:value(Gone)
    end.

try_load(Host, Path, Name, _Options) ->
    case load_driver(Host, Path, Name) of
        ok -> {ok, loaded};
        Error -> Error
    end.

unload(Host, Name) -> unload_driver(Host, Name).

unload_driver(Host, Name) ->
    case portlab_host:ask(Host, {unload_driver, Name}, none) of
        {ok, unloaded} -> ok;
        {error, Reason, _} -> {error, Reason};
        Gone -> portlab_host:value(Gone)
    end.

try_unload(Host, Name, _Options) ->
    case unload_driver(Host, Name) of
        ok -> {ok, unloaded};
        Error -> Error
    end.

loaded_drivers(Host) ->
    {ok, portlab_host:value(portlab_host:ask(Host, loaded_drivers, none))}.

format_error(_Host, Reason) -> erl_ddll:format_error(Reason).
