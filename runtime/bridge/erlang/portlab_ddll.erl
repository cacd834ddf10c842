%% erl_ddll for one host: what portlab's functions of the same names do. The primitives are the host's;
%% load, unload and reload wait for what the primitives announce, as erl_ddll does.
-module(portlab_ddll).

-export([load/3, load_driver/3, try_load/4, unload/2, unload_driver/2, try_unload/3, reload/3,
         reload_driver/3, info/1, info/2, info/3, loaded_drivers/1, monitor/3, format_error/2]).

try_load(Host, Path, Name, Options) -> ask(Host, {try_load, Path, Name, Options}, {driver, Name}).
try_unload(Host, Name, Options) -> ask(Host, {try_unload, Name, Options}, {driver, Name}).
monitor(Host, driver, Item) -> ask(Host, {monitor_driver, driver, Item}, {driver, name_in(Item)}).
loaded_drivers(Host) -> ask(Host, loaded_drivers, none).
info(Host) -> ask(Host, driver_info, none).
info(Host, Name) -> ask(Host, {driver_info, Name}, none).
info(Host, Name, Item) -> ask(Host, {driver_info, Name, Item}, none).
format_error(Host, Reason) -> ask(Host, {format_error, Reason}, none).

load(Host, Path, Name) -> loaded(Host, Path, Name, []).
load_driver(Host, Path, Name) -> loaded(Host, Path, Name, [kill_ports()]).
reload(Host, Path, Name) -> loaded(Host, Path, Name, [{reload, pending_driver}]).
reload_driver(Host, Path, Name) -> loaded(Host, Path, Name, [{reload, pending_driver}, kill_ports()]).
unload(Host, Name) -> unloaded(Host, Name, []).
unload_driver(Host, Name) -> unloaded(Host, Name, [{monitor, pending_driver}, kill_ports]).

kill_ports() -> {driver_options, [kill_ports]}.

loaded(Host, Path, Name, Options) ->
    case try_load(Host, Path, Name, [{monitor, pending_driver} | Options]) of
        {ok, pending_driver, Ref} -> announced(Ref, loaded);
        {ok, _} -> ok;
        {error, inconsistent} -> {error, bad_driver_name};
        {error, Reason} -> {error, Reason}
    end.

unloaded(Host, Name, Options) ->
    case try_unload(Host, Name, Options) of
        {ok, pending_driver, Ref} -> announced(Ref, unloaded);
        {ok, _} -> ok;
        {error, Reason} -> {error, Reason}
    end.

%% A driver that is wanted again while it is being unloaded stays: that is an end of the unloading, too.
announced(Ref, What) ->
    receive
        {'UP', Ref, driver, _, loaded} when What =:= loaded -> ok;
        {'UP', Ref, driver, _, unload_cancelled} when What =:= unloaded -> ok;
        {'DOWN', Ref, driver, _, unloaded} when What =:= unloaded -> ok;
        {'DOWN', Ref, driver, _, {load_failure, Failure}} -> {error, Failure};
        {'DOWN', Ref, driver, _, {portlab_host_down, _} = Down} -> erlang:error(Down)
    end.

name_in({Name, _}) -> Name;
name_in(Item) -> Item.

ask(Host, Request, Track) -> portlab_host:value(portlab_host:ask(Host, Request, Track)).
