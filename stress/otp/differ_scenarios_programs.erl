%% External programs: names, options, errors, the ways to end, and what a port of a program answers.
-module(differ_scenarios_programs).
-import(differ_words, [say/1, golden/2, next/0, next/1, quiet/0, quiet/1, attempt/1, elsewhere/1, gone/1, settle/0]).
-export([golden_2_names/0, golden_3_no_such_command/0, golden_4_and_6_files/0, golden_5_a_directory/0,
    golden_7_to_11_exit_statuses/0, golden_12_output_closed/0, golden_13_grandchild/0, golden_14_data_first/0,
    golden_19_and_21_options/0, golden_27_and_28_environment/0, golden_29_directory/0, golden_30_and_31_arguments/0,
    golden_32_and_33_not_executed/0, golden_34_and_35_one_way/0, golden_36_and_58_descriptors/0, golden_37_and_38_info/0,
    golden_40_to_43_close/0, golden_44_and_46_wrong_signals/0, golden_47_and_48_after_close/0, golden_50_to_53_connect/0,
    golden_54_to_57_owners/0, golden_60_and_63_commands/0, golden_61_descriptor_ports/0, golden_62_count/0,
    golden_64_to_66_limits/0, golden_70_close_with_a_queue/0, golden_71_survival/0, golden_72_and_73_shell/0,
    golden_75_and_76_names_and_owners/0, golden_78_environment_of_the_node/0, options_and_ends/0, options_and_errors/0]).

%% A script for /bin/sh.
sh(Script, Options) -> open_port({spawn_executable, "/bin/sh"}, [{args, ["-c", Script]} | Options]).

%% All messages to the port's end, the pieces of a stream joined: how many there are depends on the machine.
all(P) -> joined(to_the_end(P)).

to_the_end(P) ->
    case next() of
        {'EXIT', P, _} = Last -> [Last | quiet()];
        {P, eof} = Last -> [Last | quiet()];
        nothing -> [nothing];
        Message -> [Message | to_the_end(P)]
    end.

joined([{P, {data, A}}, {P, {data, B}} | Rest]) when is_binary(A) -> joined([{P, {data, <<A/binary, B/binary>>}} | Rest]);
joined([{P, {data, A}}, {P, {data, B}} | Rest]) when is_list(A), is_list(B) -> joined([{P, {data, A ++ B}} | Rest]);
joined([Message | Rest]) -> [Message | joined(Rest)];
joined([]) -> [].

%% The data of a program that ends, as text.
output(Script, Options) -> output(sh(Script, Options)).

output(P) -> lists:append([Data || {_, {data, Data}} <- all(P)]).

try_open(Name, Options) ->
    attempt(fun() ->
        P = open_port(Name, Options),
        Is = is_port(P),
        port_close(P),
        receive {'EXIT', P, _} -> Is after 5000 -> no_exit end
    end).

runs(Pid) -> os:cmd("kill -0 " ++ integer_to_list(Pid) ++ " 2>/dev/null && echo yes") =:= "yes\n".

os_pid(P) ->
    {os_pid, Pid} = erlang:port_info(P, os_pid),
    Pid.

golden_2_names() ->
    [golden({error, badarg}, try_open(Name, []))
     || Name <- [{spawn, ""}, {spawn_executable, ""}, {spawn_driver, ""}, {spawn, [97, 0, 98]}, {spawn, [97 | 98]}, {spawn, 17},
        {spawn}, {foo, "x"}, {spawn, "cat", 1}, 17, [], {spawn_driver, "no_such_driver_x"}]],
    ok.

golden_3_no_such_command() ->
    P = open_port({spawn, "no_such_cmd_x"}, [exit_status, stderr_to_stdout]),
    golden([{P, {data, "sh: 1: exec: no_such_cmd_x: not found\n"}}, {P, {exit_status, 127}}, {'EXIT', P, normal}], all(P)).

golden_4_and_6_files() ->
    [golden({error, Reason}, try_open({spawn_executable, File}, []))
     || {File, Reason} <- [{"/nonexist", enoent}, {"/etc/passwd", eacces}, {"sh", enoent}, {lists:duplicate(5000, $a), enametoolong},
        {"/etc/passwd/x", enotdir}]],
    ok.

golden_5_a_directory() ->
    P = open_port({spawn_executable, "/tmp"}, [exit_status]),
    golden([{P, {exit_status, 13}}, {'EXIT', P, normal}], all(P)).

golden_7_to_11_exit_statuses() ->
    [begin
        P = sh(Script, [exit_status]),
        golden([{P, {exit_status, Status}}, {'EXIT', P, normal}], all(P))
     end || {Script, Status} <- [{"exit 7", 7}, {"kill -9 $$", 137}, {"kill -15 $$", 143}, {"ulimit -c 0; kill -11 $$", 139},
        {"exit 300", 44}]],
    P = sh("exit 7", [exit_status, eof]),
    golden([{P, {exit_status, 7}}, {P, eof}], all(P)),
    say(is_list(erlang:port_info(P))),
    port_close(P),
    say(next()),
    Q = sh("exit 7", []),
    golden([{'EXIT', Q, normal}], all(Q)).

golden_12_output_closed() ->
    P = sh("exec >&-; sleep 0.1; exit 3", [exit_status]),
    golden([{P, {exit_status, 3}}, {'EXIT', P, normal}], all(P)).

golden_13_grandchild() ->
    P = sh("sleep 0.4 & exit 5", [exit_status]),
    golden([], quiet(200)),
    golden([{P, {exit_status, 5}}, {'EXIT', P, normal}], all(P)).

golden_14_data_first() ->
    P = sh("printf abc; exit 1", [exit_status, binary]),
    golden([{P, {data, <<"abc">>}}, {P, {exit_status, 1}}, {'EXIT', P, normal}], all(P)).

golden_19_and_21_options() ->
    [golden({error, badarg}, try_open({spawn, "cat"}, Options))
     || Options <- [[{line, 0}], [{line, 5}, {packet, 2}], [{packet, 3}], [stderr_to_stdout, nouse_stdio], [foo], [binary | eof], foo,
        [{env, foo}], [{cd, 1}], [{args, ["a"]}], [{arg0, "a"}], [{parallelism, x}]]],
    [golden({error, badarg}, try_open({spawn_executable, "/bin/cat"}, Options))
     || Options <- [[{args, foo}], [{args, [1]}], [{args, ["a" | b]}], [{args, [[55296]]}], [{args, [[1114112]]}],
        [{args, [[97, 0, 98]]}], [{args, [["a", <<"b">>]]}], [{args, [[a]]}], [{arg0, 1}]]],
    [say({Options, try_open({spawn, "cat"}, Options)})
     || Options <- [[in, out, binary, stream, use_stdio, hide, overlapped_io, {parallelism, true}], [{line, 4}, line], [binary, binary],
        [eof, exit_status, {packet, 4}, hide], [{cd, "/"}, {env, []}], [{busy_limits_port, {5, 10}}],
        [{busy_limits_msgq, {5, 10}}], [{packet, 1}, {packet, 4}], [{line, 3}, {line, 9}]]],
    ok.

golden_27_and_28_environment() ->
    golden("b=r:unset\n", output("echo $FOO:${HOME-unset}", [{env, [{"FOO", "b=r"}, {"HOME", false}]}])),
    say(output("echo $FOO", [{env, [{"FOO", "a"}, {"FOO", "b"}]}])),
    say(output("echo $A$B", [{env, [{"A", [229, 8364]}, {["B"], ["q", ["r"]]}]}])),
    [say({Element, try_open({spawn, "cat"}, [{env, [Element]}])})
     || Element <- [{"A=B", "x"}, {"A", [0]}, {"A", 1}, {a, "b"}, {"", "x"}, {"A", ""}, {"A", <<"x">>}, {<<"A">>, "x"}, {"A", b},
        {"A", [[]]}, "A", {"A"}, {"A", false}, {"=A", "x"}]],
    ok.

golden_29_directory() ->
    golden("/usr\n", output("pwd", [{cd, "/usr"}])),
    say(output("pwd", [{cd, <<"/usr">>}])),
    say(output("pwd", [{cd, '/usr'}])),
    P = sh("pwd", [{cd, "/nonexist"}, exit_status]),
    golden([{P, {exit_status, 2}}, {'EXIT', P, normal}], all(P)).

golden_30_and_31_arguments() ->
    golden("zero\n", output("echo $0", [{arg0, "zero"}])),
    golden(<<195, 165, 226, 130, 172, 10>>, iolist_to_binary(
        [Data || {_, {data, Data}} <- all(open_port({spawn_executable, "/bin/echo"}, [{args, [[229, 8364]]}, binary]))])),
    [say(output(open_port({spawn_executable, "/bin/echo"}, [{args, Arguments}])))
     || Arguments <- [[], [[]], ["a b", "c"], ["-n", "x"], [<<114, 255>>], [["a", ["b", []]], abc], ["'\"$(x)*"], ["\n"]]],
    [say(output(open_port({spawn, Command}, [])))
     || Command <- ["echo a  b", ["echo ", ["de", []], "ep"], 'echo atom', <<"echo binary">>, "echo 'a  b'", "echo \"$((1+2))\" \\\\"]],
    ok.

golden_32_and_33_not_executed() ->
    P = sh("echo hi", [exit_status]),
    say(all(P)),
    Q = open_port({spawn_executable, "/bin/sh"}, [{args, ["-c", "echo hi", lists:duplicate(200000, $x)]}, exit_status]),
    golden([{Q, {exit_status, 7}}, {'EXIT', Q, normal}], all(Q)),
    File = "/tmp/portlab-differ-" ++ os:getpid(),
    ok = file:write_file(File, "echo no interpreter is named\n"),
    ok = file:change_mode(File, 8#755),
    R = open_port({spawn_executable, File}, [exit_status]),
    golden([{R, {exit_status, 8}}, {'EXIT', R, normal}], all(R)),
    ok = file:write_file(File, "#!/no/such/interpreter\n"),
    S = open_port({spawn_executable, File}, [exit_status]),
    say(all(S)),
    ok = file:delete(File).

golden_34_and_35_one_way() ->
    P = sh("sleep 5", [in]),
    golden(true, port_command(P, "x\n")),
    golden({'EXIT', P, ebadf}, next()),
    Q = sh("exit 4", [out, exit_status]),
    golden([], quiet(300)),
    golden(true, is_list(erlang:port_info(Q))),
    say(port_command(Q, "x")),
    golden({'EXIT', Q, epipe}, next()),
    R = sh("cat; exit 6", [in, exit_status]),
    say(all(R)).

golden_36_and_58_descriptors() ->
    P = sh("read x <&3; echo $x >&4", [nouse_stdio]),
    port_command(P, "yo\n"),
    golden([{P, {data, "yo\n"}}, {'EXIT', P, normal}], all(P)),
    Q = sh("exec <&-; echo closed; exec sleep 5", []),
    say(next()),
    golden(true, port_command(Q, "x")),
    golden({'EXIT', Q, epipe}, next()),
    say(output("echo $(ls /proc/self/fd)", [])),
    say(output("ls /proc/self/fd; :", [nouse_stdio, stream])).

golden_37_and_38_info() ->
    P = open_port({spawn, "cat"}, []),
    golden([name, links, id, connected, input, output, os_pid], [Key || {Key, _} <- erlang:port_info(P)]),
    golden({name, "cat"}, erlang:port_info(P, name)),
    register(differ_zz, P),
    golden({registered_name, differ_zz}, erlang:port_info(P, registered_name)),
    golden({locking, port_level}, erlang:port_info(P, locking)),
    golden({queue_size, 0}, erlang:port_info(P, queue_size)),
    golden({parallelism, false}, erlang:port_info(P, parallelism)),
    say(erlang:port_info(P, connected) =:= {connected, self()}),
    say({erlang:port_info(P, links) =:= {links, [self()]}, erlang:port_info(P, monitors), erlang:port_info(P, monitored_by)}),
    port_command(P, "12345"),
    say(next()),
    say({erlang:port_info(P, input), erlang:port_info(P, output)}),
    say(is_integer(os_pid(P))),
    port_close(P),
    say(next()),
    Q = open_port({spawn_executable, "/bin/cat"}, [{arg0, "zero"}]),
    say(erlang:port_info(Q, name)),
    port_close(Q),
    say(next()).

golden_40_to_43_close() ->
    P = open_port({spawn, "cat"}, []),
    golden(true, port_close(P)),
    golden({error, badarg}, attempt(fun() -> port_close(P) end)),
    golden([{'EXIT', P, normal}], quiet()),
    Q = open_port({spawn, "cat"}, []),
    Q ! {self(), close},
    golden([{'EXIT', Q, normal}, {Q, closed}], next(2)),
    R = open_port({spawn, "cat"}, []),
    elsewhere(fun() -> R ! {self(), close} end),
    golden({'EXIT', R, badsig}, next()),
    say(is_list(erlang:port_info(R))),
    Me = self(),
    elsewhere(fun() -> R ! {Me, close} end),
    golden([{'EXIT', R, normal}, {R, closed}], next(2)).

golden_44_and_46_wrong_signals() ->
    P = open_port({spawn, "cat"}, []),
    [begin
        P ! Message,
        golden({'EXIT', P, badsig}, next())
     end || Message <- [foo, {self(), {command, [foo]}}, {self(), {command, "x"}, extra}, {self(), {connect, foo}}]],
    golden({error, badarg}, attempt(fun() -> port_command(P, [foo]) end)),
    golden([], quiet()),
    port_command(P, "alive"),
    say(next()),
    port_close(P),
    say(next()).

golden_47_and_48_after_close() ->
    P = open_port({spawn, "cat"}, []),
    port_close(P),
    say(next()),
    golden(foo, P ! foo),
    [golden({error, badarg}, attempt(Fun))
     || Fun <- [fun() -> port_command(P, "x") end, fun() -> port_control(P, 0, "") end, fun() -> port_connect(P, self()) end]],
    golden(undefined, erlang:port_info(P)),
    golden(true, link(P)),
    golden({'EXIT', P, noproc}, next()),
    M = erlang:monitor(port, P),
    golden({'DOWN', M, port, P, noproc}, next()).

golden_50_to_53_connect() ->
    P = open_port({spawn, "cat"}, []),
    Other = differ_words:child(true),
    golden(true, port_connect(P, Other)),
    golden(true, port_command(P, "q")),
    golden({P, {data, "q"}}, differ_words:ask(Other, fun() -> differ_words:next() end)),
    golden([], quiet()),
    P ! {self(), {command, "x"}},
    golden({'EXIT', P, badsig}, differ_words:ask(Other, fun() -> differ_words:next() end)),
    Me = self(),
    differ_words:ask(Other, fun() -> P ! {self(), {connect, Me}} end),
    golden({P, connected}, differ_words:ask(Other, fun() -> differ_words:next() end)),
    port_close(P),
    say(next()),
    exit(Other, kill).

golden_54_to_57_owners() ->
    Me = self(),
    golden(undefined, begin P = elsewhere(fun() -> open_port({spawn, "cat"}, []) end), gone(P), erlang:port_info(P) end),
    Q = open_port({spawn, "cat"}, []),
    spawn(fun() -> link(Q), Me ! linked end),
    say(next()),
    settle(),
    golden(true, is_list(erlang:port_info(Q))),
    spawn(fun() -> link(Q), exit(boom) end),
    golden({'EXIT', Q, boom}, next()),
    R = open_port({spawn, "cat"}, []),
    spawn(fun() -> exit(R, normal) end),
    golden({'EXIT', R, normal}, next()),
    S = open_port({spawn, "cat"}, []),
    exit(S, kill),
    golden({'EXIT', S, killed}, next()),
    T = open_port({spawn, "cat"}, []),
    unlink(T),
    port_close(T),
    golden([], quiet()).

golden_60_and_63_commands() ->
    P = open_port({spawn, "cat"}, []),
    golden({error, badarg}, attempt(fun() -> port_control(P, 0, []) end)),
    golden({error, badarg}, attempt(fun() -> erlang:port_call(P, 0, x) end)),
    golden({error, notsup}, attempt(fun() -> port_command(P, "a", [force]) end)),
    golden(true, port_command(P, "a", [nosuspend])),
    golden({error, badarg}, attempt(fun() -> port_command(P, "a", [foo]) end)),
    golden({error, badarg}, attempt(fun() -> port_command(P, "a", [nosuspend | x]) end)),
    say(next()),
    port_close(P),
    say(next()).

golden_61_descriptor_ports() ->
    [golden({error, Reason}, try_open(Name, Options))
     || {Name, Options, Reason} <- [{{fd, a, 1}, [], badarg}, {{fd, -1, -1}, [], einval}, {{fd, 99999, 1}, [], einval},
        {{fd, 0, 1, 2}, [], badarg}, {{fd, 0, 1}, [exit_status], badarg}]],
    ok.

golden_62_count() ->
    Before = erlang:system_info(port_count),
    P = open_port({spawn, "cat"}, []),
    golden(1, erlang:system_info(port_count) - Before),
    port_close(P),
    say(next()),
    golden(0, erlang:system_info(port_count) - Before).

golden_64_to_66_limits() ->
    P = open_port({spawn, "sleep 5"}, []),
    %% How many fit into the pipe is not the same: OTP's forker has used some of it.
    say(accepted(P, binary:copy(<<"x">>, 1000)) > 60),
    golden({queue_size, 9000}, erlang:port_info(P, queue_size)),
    exit(P, kill),
    say(next()),
    Q = open_port({spawn, "sleep 5"}, [{busy_limits_port, {1, 100000}}]),
    accepted(Q, binary:copy(<<"x">>, 10000)),
    {queue_size, Queued} = erlang:port_info(Q, queue_size),
    say({Queued >= 100000, Queued < 110000}),
    exit(Q, kill),
    say(next()),
    R = open_port({spawn, "sleep 5"}, [{busy_limits_port, disabled}]),
    say([port_command(R, binary:copy(<<"x">>, 10000), [nosuspend]) || _ <- lists:seq(1, 200)] =:= lists:duplicate(200, true)),
    {queue_size, All} = erlang:port_info(R, queue_size),
    say(All > 1900000),
    exit(R, kill),
    say(next()),
    [golden({Limits, Result}, {Limits, try_open({spawn, "cat"}, [{busy_limits_port, Limits}])})
     || {Limits, Result} <- [{{10, 5}, true}, {{0, 5}, {error, badarg}}, {{5, 0}, {error, badarg}}, {{1, 1 bsl 64}, {error, badarg}},
        {{1, 1 bsl 64 - 1}, {error, badarg}}, {{1, 1 bsl 64 - 2}, true}]],
    ok.

accepted(P, Data) ->
    case port_command(P, Data, [nosuspend]) of
        true -> 1 + accepted(P, Data);
        false -> 0
    end.

golden_70_close_with_a_queue() ->
    P = sh("sleep 0.5; wc -c > /dev/null", []),
    say(accepted(P, binary:copy(<<"x">>, 10000)) > 6),
    golden(true, port_close(P)),
    golden({'EXIT', P, normal}, next()),
    golden(true, lists:member(P, erlang:ports())),
    golden(gone, gone(P)),
    golden(false, lists:member(P, erlang:ports())).

golden_71_survival() ->
    P = sh("exec sleep 100", []),
    Pid = os_pid(P),
    golden(true, port_close(P)),
    say(next()),
    timer:sleep(100),
    golden(true, runs(Pid)),
    os:cmd("kill -9 " ++ integer_to_list(Pid)),
    golden("yes\n", output("set -- $(cat /proc/$$/stat); test $1 = $6 && echo yes", [])).

golden_72_and_73_shell() ->
    golden("b\n", output(open_port({spawn, "echo a | tr a b"}, []))),
    P = open_port({spawn, "VAR=x cmd"}, [exit_status, stderr_to_stdout]),
    golden([{P, {data, "sh: 1: exec: VAR=x: not found\n"}}, {P, {exit_status, 127}}, {'EXIT', P, normal}], all(P)),
    golden("0000000000001080\n", output("sed -n 's/^SigIgn:[[:space:]]*//p' /proc/self/status", [])),
    say(output("sed -n 's/^SigBlk:[[:space:]]*//p' /proc/self/status", [])),
    say(output("echo out; echo err >&2", [stderr_to_stdout])).

golden_75_and_76_names_and_owners() ->
    Other = differ_words:child(true),
    P = sh("read x; exit 3", [exit_status]),
    port_connect(P, Other),
    port_command(P, "go\n"),
    golden({'EXIT', P, normal}, next()),
    golden({P, {exit_status, 3}}, differ_words:ask(Other, fun() -> differ_words:next() end)),
    exit(Other, kill),
    Q = open_port({spawn, "cat"}, []),
    golden(true, register(differ_ppp, Q)),
    differ_ppp ! {self(), {command, "viaName"}},
    golden({Q, {data, "viaName"}}, next()),
    golden({error, badarg}, attempt(fun() -> register(differ_ppp, Q) end)),
    golden(true, port_close(differ_ppp)),
    say(next()).

golden_78_environment_of_the_node() ->
    say(output(open_port({spawn, "printenv BINDIR ROOTDIR EMU PROGNAME"}, []))).

%% Each way to end with each set of options that has a say in it.
options_and_ends() ->
    [begin
        P = sh(Script, Options),
        say({Script, Options, all(P), erlang:port_info(P) =:= undefined}),
        catch port_close(P),
        quiet(2)
     end || Options <- [[], [exit_status], [eof], [exit_status, eof], [exit_status, binary], [in, exit_status], [in, eof],
            [exit_status, {line, 3}], [exit_status, eof, {line, 3}, binary], [exit_status, stderr_to_stdout], [exit_status, {packet, 1}]],
        Script <- ["exit 0", "exit 255", "kill -9 $$", "kill -TERM $$", "printf '\\1a'; exit 2", "printf '\\3ab'; kill -KILL $$",
            "exec /no/such/program 2>/dev/null", "printf '\\1a' >&2; exit 1"],
        lists:member(stderr_to_stdout, Options) orelse string:find(Script, ">&2") =:= nomatch],
    ok.

%% Of two things that are wrong, which one is said.
options_and_errors() ->
    [say({Name, Options, try_open(Name, Options)})
     || Name <- [{spawn_executable, "/nonexist"}, {spawn_executable, "/etc/passwd"}, {spawn_executable, ""}, {spawn, ""},
            {spawn_executable, lists:duplicate(5000, $a)}],
        Options <- [[foo], [{cd, "/nonexist"}], [{args, [1]}], [{packet, 3}], [exit_status, in, {line, 5}], [nouse_stdio, stderr_to_stdout],
            [{env, [{"A=", "x"}]}], [{busy_limits_port, {0, 1}}]]],
    ok.
