%% open_port on a driver: what `start` may answer, which names and options there are.
-module(differ_scenarios_opening).
-include("differ_drv.hrl").
-import(differ_words, [say/1, golden/2, next/0, arrived/0, attempt/1, load/1, port/1, port/2, log/0, log/1, control/2]).
-export([golden_85_start_errors/0, golden_95_options_of_programs/0, golden_95_options_ignored/0, names/0, output_in_start/0,
    command_string/0, refused_options/0, line_and_packet/0, init_ack/0, init_ack_in_start/0, failure_in_start/0,
    in_and_out/0, nothing_is_reserved/0, line_of_2_gib/0]).

try_open(Name, Options) ->
    attempt(fun() ->
        Port = open_port(Name, Options),
        Is = is_port(Port),
        port_close(Port),
        Is
    end).

golden_85_start_errors() ->
    load(differ_drv),
    golden({error, einval}, attempt(fun() -> open_port({spawn_driver, "differ_drv general"}, []) end)),
    golden({error, enotty}, attempt(fun() -> open_port({spawn_driver, "differ_drv errno"}, []) end)),
    golden({error, badarg}, attempt(fun() -> open_port({spawn_driver, "differ_drv badarg"}, []) end)),
    golden({error, enotty}, attempt(fun() -> open_port({spawn, "differ_drv errno"}, []) end)),
    golden([], arrived()),
    say(log()).

golden_95_options_of_programs() ->
    load(differ_drv),
    [golden({error, badarg}, attempt(fun() -> open_port({spawn_driver, "differ_drv"}, [Option]) end))
     || Option <- [exit_status, {args, ["a"]}, {args, []}, {arg0, "a"}]],
    [golden({error, badarg}, attempt(fun() -> open_port({spawn, "differ_drv"}, [Option]) end))
     || Option <- [exit_status, {args, ["a"]}, {arg0, "a"}]],
    ok.

golden_95_options_ignored() ->
    load(differ_drv),
    [golden(true, try_open({spawn_driver, "differ_drv"}, Options))
     || Options <- [[{packet, 4}], [{cd, "/"}], [{env, []}], [in], [{packet, 4}, {cd, "/nonexist"}, {env, [{"A", "b"}]}, in],
        [hide], [overlapped_io], [stream]]],
    say(log()).

names() ->
    load(differ_drv),
    [say(try_open(Name, []))
     || Name <- [{spawn_driver, "differ_drv"}, {spawn_driver, <<"differ_drv x">>}, {spawn_driver, differ_drv},
        {spawn_driver, "Differ_drv"}, {spawn_driver, "differ_drv  two spaces"}, {spawn_driver, " differ_drv"},
        {spawn_driver, "differ"}, {spawn_driver, "differ_drv2"}, {spawn_driver, ""}, {spawn_driver, <<>>},
        {spawn_driver, [0]}, {spawn_driver, ["differ_", "drv"]}, {spawn_driver, ["differ", <<"_drv">>]},
        {spawn_driver, 17}, {spawn_driver, [100 | 105]}, {spawn_driver, {a}}, {spawn_driver, "differ_drv", 1},
        {spawn_executable, "differ_drv"}, {spawn, "differ_drv"}, {spawn, differ_drv}, {spawn, <<"differ_drv">>},
        {foo, "differ_drv"}, {spawn_driver}, [], 17, {}]],
    say(log()).

output_in_start() ->
    P = port("differ_drv output", [binary]),
    say(next()),
    Q = port("differ_drv output", [{line, 4}]),
    say(next()),
    say({erlang:port_info(P, input), erlang:port_info(Q, input)}).

command_string() ->
    [begin P = port(Command, []), say(erlang:port_info(P, name)), port_close(P) end
     || Command <- ["differ_drv", "differ_drv a b  c"]],
    say(log()).

refused_options() ->
    load(differ_drv),
    [say({Options, try_open({spawn_driver, "differ_drv"}, Options)})
     || Options <- [[foo], [binary | eof], foo, [{line, 0}], [{line, -1}], [{line, a}], [{packet, 3}], [{packet, 0}],
        [{packet, 2}, {line, 5}], [{line, 5}, {packet, 2}], [line], [{env, foo}], [{env, [{"A=B", "x"}]}], [{env, [{a, "b"}]}],
        [{cd, 1}], [{cd, <<"/">>}], [{parallelism, x}], [{parallelism, true}], [{busy_limits_port, {1, 2}}],
        [{busy_limits_port, disabled}], [{busy_limits_msgq, {1, 2}}], [{busy_limits_msgq, {10, 5}}], [{busy_limits_msgq, {0, 5}}],
        [{busy_limits_msgq, {5, 0}}], [{busy_limits_msgq, disabled}], [{busy_limits_msgq, foo}],
        [{busy_limits_msgq, {1, 1 bsl 64 - 2}}], [{busy_limits_msgq, {1, 1 bsl 64 - 1}}], [{busy_limits_msgq, {1, 1 bsl 64}}],
        [stderr_to_stdout], [use_stdio], [nouse_stdio], [nouse_stdio, stderr_to_stdout], [eof], [binary, eof, in, out],
        [{exit_status}], [{eof, true}], [5], [{binary, true}], [{line, 5, 6}], [binary, binary, {line, 3}, {line, 9}]]],
    ok.

line_and_packet() ->
    [begin
        P = port([Option, binary]),
        port_command(P, "abcdef"),
        say({Option, arrived()}),
        say(control(P, ?PORT_FLAGS))
     end || Option <- [{packet, 1}, {packet, 4}, stream, {line, 4}, line, eof, hide]],
    ok.

in_and_out() ->
    [begin
        P = port(Options),
        say({Options, attempt(fun() -> port_command(P, "x") end), arrived()}),
        say(control(P, ?OUTPUT, "y")),
        say(arrived())
     end || Options <- [[in], [out], [in, out]]],
    ok.

control(P, Operation, Data) -> attempt(fun() -> port_control(P, Operation, Data) end).

%% A driver that says later whether it started.
init_ack() ->
    load(differ_ack_drv),
    [say({Word, case attempt(fun() -> open_port({spawn_driver, "differ_ack_drv " ++ Word}, []) end) of
        Port when is_port(Port) -> {opened, Port, control(Port, ?CALLER)};
        Other -> Other
    end}) || Word <- ["ack_ok", "ack_general", "ack_errno", "ack_badarg"]],
    say(arrived()),
    say(log(differ_ack_drv)).

%% OTP loses the acknowledgement: its open_port never returns (table of differences).
init_ack_in_start() ->
    load(differ_ack_drv),
    Me = self(),
    Opener = spawn(fun() -> Me ! is_port(open_port({spawn_driver, "differ_ack_drv ack_now"}, [])) end),
    receive true -> say(opened) after 300 -> say(hangs) end,
    exit(Opener, kill).

%% OTP's VM crashes: only portlab runs it (table of differences).
failure_in_start() ->
    load(differ_drv),
    say(attempt(fun() -> open_port({spawn_driver, "differ_drv fail"}, []) end)),
    say(arrived()).

%% An open that fails gives everything back.
nothing_is_reserved() ->
    load(differ_drv),
    Before = erlang:system_info(port_count),
    [attempt(fun() -> open_port({spawn_driver, "differ_drv " ++ Word}, []) end)
     || Word <- ["general", "errno", "badarg"], _ <- lists:seq(1, 20)],
    [attempt(fun() -> open_port({spawn_driver, "differ_drv"}, [foo]) end) || _ <- lists:seq(1, 20)],
    say(erlang:system_info(port_count) - Before),
    say(length(erlang:ports()) =:= erlang:system_info(port_count)).

%% OTP's VM ends: only portlab runs it (table of differences).
line_of_2_gib() ->
    load(differ_drv),
    say([try_open({spawn_driver, "differ_drv"}, [{line, Length}]) || Length <- [1 bsl 31, 1 bsl 32, 1 bsl 64]]).
