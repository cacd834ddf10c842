%% Random port operations from a seed. An operation is a term that says who does what to which port; ports are slots and
%% processes are clients, so that any part of a sequence is a sequence, too (differ_world.erl does them).
-module(differ_generator).
-include("differ_drv.hrl").
-export([generate/2]).

-define(SLOTS, 4).
-define(CLIENTS, 3).

%% Count operations; the same for the same seed.
generate(Seed, Count) ->
    rand:seed(exsss, {Seed, 1, 1}),
    [pick(kinds()) || _ <- lists:seq(1, Count)].

pick(Weighted) ->
    pick(rand:uniform(lists:sum([Weight || {Weight, _} <- Weighted])), Weighted).

pick(At, [{Weight, Make} | _]) when At =< Weight -> Make();
pick(At, [{Weight, _} | Rest]) -> pick(At - Weight, Rest).

one_of(List) -> lists:nth(rand:uniform(length(List)), List).

client() -> {client, rand:uniform(?CLIENTS)}.
slot() -> {slot, rand:uniform(?SLOTS)}.

%% A port by its slot, now and then by its name.
port() -> case rand:uniform(12) of 1 -> name(); _ -> slot() end.
name() -> {name, one_of([differ_r1, differ_r2])}.

%% Who a message says it is from: mostly the owner.
owner() -> case rand:uniform(5) of 1 -> client(); 2 -> dead; _ -> owner end.

kinds() ->
    [{30, fun() -> {open, client(), slot(), command(), options()} end},
        {14, fun() -> {command, client(), port(), data(), one_of([[], [], [nosuspend], [force], [force, nosuspend]])} end},
        {10, fun() -> {bang, client(), port(), {owner(), {command, data()}}} end},
        {4, fun() -> {bang, client(), port(), {owner(), {connect, one_of([client(), dead, not_a_pid])}}} end},
        {4, fun() -> {bang, client(), port(), {owner(), close}} end},
        {2, fun() -> {bang, client(), port(), one_of([foo, {owner, foo}, {owner, {command}}, {owner, close, 1}])} end},
        {2, fun() -> {send, client(), port(), {owner(), {command, data()}}, [nosuspend]} end},
        {34, fun() -> control(client(), port()) end},
        {4, fun() -> {call, client(), port(), one_of([0, 0, 1, 2, 3]), one_of([x, {a, [1, 2]}, <<"binary">>, 1 bsl 40])} end},
        {5, fun() -> {close, client(), port()} end},
        {4, fun() -> {connect, client(), port(), one_of([client(), client(), dead])} end},
        {4, fun() -> {exit, client(), port(), one_of([normal, kill, foo, {why, 1}, shutdown])} end},
        {5, fun() -> {link, client(), slot()} end},
        {5, fun() -> {unlink, client(), slot()} end},
        {6, fun() -> {monitor, client(), port()} end},
        {4, fun() -> {demonitor, client(), one_of([[], [flush], [info], [flush, info]])} end},
        {8, fun() -> {info, client(), port(), one_of([name, links, connected, input, output, queue_size, monitored_by, monitors,
            os_pid, registered_name, parallelism, locking, all, foo])} end},
        {2, fun() -> {set_data, client(), port(), one_of([a, [1], {b, <<"c">>}])} end},
        {2, fun() -> {get_data, client(), port()} end},
        {3, fun() -> {register, client(), slot(), name()} end},
        {1, fun() -> {unregister, client(), name()} end},
        {2, fun() -> {ports, client()} end},
        {5, fun() -> {client_exit, client(), one_of([normal, foo, kill, {why, 2}])} end},
        {2, fun() -> {trap, client(), one_of([true, false])} end},
        {8, fun() -> ddll(client()) end}].

command() -> one_of(["differ_drv", "differ_drv", "differ_drv", "differ_soft_drv", "differ_soft_drv", "differ_lock_drv",
    "differ_lock_drv", "differ_drv output", "differ_drv general", "differ_drv errno", "differ_drv badarg", "no_such_drv"]).

options() ->
    [Option || {Chance, Option} <- [{3, binary}, {4, eof}, {4, {line, 4}}, {12, {packet, 2}}, {12, {parallelism, true}},
        {30, exit_status}, {20, in}], rand:uniform(Chance) =:= 1].

data() -> one_of(["", "a", "line\n", "two\nlines\r\n", <<"binary">>, ["deep", [<<"data">>, $\n]], "more than four",
    [binary_part(<<"0123456789">>, 2, 5)], not_iodata, [$a | <<"b">>]]).

control(Client, Port) ->
    {Operation, Data} = one_of([{?FAIL_ATOM, "foo"}, {?FAIL_POSIX, [32]}, {?FAIL, [7]}, {?FAIL, [0]}, {?EXIT, [0]}, {?EXIT, [2]},
        {?EOF, ""}, {?EOF, ""}, {?SET_TIMER, [1]}, {?SET_TIMER, [1]}, {?SET_TIMER, [250]}, {?CANCEL_TIMER, ""}, {?READ_TIMER, ""},
        {?BUSY, ""}, {?BUSY, ""}, {?BUSY, ""}, {?BUSY, ""}, {?IDLE, ""}, {?IDLE, ""}, {?IDLE, ""}, {?IDLE, ""}, {?IDLE, ""}, {?BUSY_TWICE, ""}, {?ASYNC, [0]},
        {?MONITOR_CALLER, ""}, {?MONITOR_CALLER, ""}, {?DEMONITOR, ""}, {?ENQ, "queued"}, {?PUSHQ, "first"}, {?DEQ, [3]},
        {?DEQ, [100]}, {?PEEKQ, ""}, {?OUTPUT_TERM, ""}, {?SEND_TERM, ""}, {?OUTPUT, "out\nput"}, {?OUTPUT2, [2, "hd2 lines\nx\n"]},
        {?OUTPUT_BINARY, [2, "hdbinary\n"]}, {?OUTPUTV, [1, "hskipped"]}, {?CALLER, ""}, {?REPLY_NULL, ""}, {?REPLY_LONG, [100]},
        {?REPLY_BINARY, [70]}, {?CONTROL_FLAGS, [0]}, {?CONTROL_FLAGS, [1]}, {?REFUSE, ""}, {?MSGQ_LIMITS, [0, 0]},
        {?PORT_FLAGS, ""}, {?PIPE, ""}, {?OUTPUT_MODE, [?MODE_ECHO]}, {?OUTPUT_MODE, [?MODE_ECHO]}, {?OUTPUT_MODE, [?MODE_IGNORE]},
        {?OUTPUT_MODE, [?MODE_QUEUE]}, {?OUTPUT_MODE, [?MODE_BUSY_AFTERWARDS]}, {?OUTPUT_MODE, [?MODE_FAIL]},
        {?FLUSH_MODE, [?DRAIN_NOW]}, {?FLUSH_MODE, [?DRAIN_LATER]}, {?FLUSH_MODE, [?DRAIN_NEVER]}, {?AFTER_FAILURE, ""}, {99, ""}]),
    {control, Client, Port, Operation, Data}.

%% Of the driver that clients load and unload.
ddll(Client) ->
    one_of([{ddll, Client, load_driver}, {ddll, Client, load_driver}, {ddll, Client, unload_driver}, {ddll, Client, load},
        {ddll, Client, unload}, {ddll, Client, try_load, []}, {ddll, Client, try_load, []},
        {ddll, Client, try_load, [{driver_options, [kill_ports]}]}, {ddll, Client, try_load, [{monitor, pending_driver}]},
        {ddll, Client, try_load, [{reload, pending_driver}]}, {ddll, Client, try_unload, []},
        {ddll, Client, try_unload, [{monitor, pending_driver}]}, {ddll, Client, try_unload, [{monitor, pending}]},
        {ddll, Client, try_unload, [kill_ports]}, {ddll, Client, monitor, loaded}, {ddll, Client, monitor, unloaded},
        {ddll, Client, monitor, unloaded_only}, {ddll, Client, info, processes}, {ddll, Client, info, port_count},
        {ddll, Client, info, driver_options}, {ddll, Client, info, awaiting_unload}, {ddll, Client, info, awaiting_load}]).
