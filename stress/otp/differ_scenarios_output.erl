%% What a driver delivers: the forms of driver_output, framing, terms; and how commands reach output and outputv.
-module(differ_scenarios_output).
-include("differ_drv.hrl").
-import(differ_words, [say/1, golden/2, next/0, next/1, arrived/0, attempt/1, port/0, port/1, port/2, log/0, log/1, control/2,
    control/3, child/1, ask/2]).
-export([golden_90_outputv_of_nothing/0, golden_91_outputv_packing/0, golden_92_outputv_with_header/0,
    golden_93_output2_in_lines/0, golden_94_output_binary_in_lines/0, every_form_in_every_mode/0, lines_across_outputs/0,
    terms/0, vec_to_buf/0, command_data/0, commands_to_outputv/0, counts/0, large_data/0]).

golden_90_outputv_of_nothing() ->
    P = port(differ_soft_drv, []),
    log(differ_soft_drv),
    golden(true, port_command(P, [])),
    golden(["1 outputv vsize 1 size 0 items 0"], log(differ_soft_drv)),
    port_command(P, <<>>),
    port_command(P, ""),
    port_command(P, [[], <<>>, [<<>>]]),
    say(log(differ_soft_drv)),
    say(arrived()).

golden_91_outputv_packing() ->
    P = port(differ_soft_drv, []),
    control(P, ?OUTPUT_MODE, [?MODE_IGNORE]),
    log(differ_soft_drv),
    port_command(P, [binary:copy(<<I>>, 70) || I <- lists:seq(1, 100)]),
    golden(["1 outputv vsize 2 size 7000 items 0 7000b"], log(differ_soft_drv)),
    port_command(P, [binary:copy(<<I>>, 300) || I <- lists:seq(1, 20)]),
    golden(["1 outputv vsize 21 size 6000 items 0" ++ lists:append(lists:duplicate(20, " 300b"))], log(differ_soft_drv)).

golden_92_outputv_with_header() ->
    P = port([binary]),
    control(P, ?OUTPUTV, [2, $H, $V, "xabcdefg"]),
    [{P, {data, Data}}] = say_and_return(arrived()),
    golden([$H, $V, <<"ab">>, <<"cde">> | <<"fg">>], Data).

say_and_return(Term) -> say(Term), Term.

golden_93_output2_in_lines() ->
    P = port([{line, 5}, binary]),
    control(P, ?OUTPUT2, [2, "HDab\ncd\n"]),
    golden([{P, {data, {eol, [$H, $D | <<"ab">>]}}}, {P, {data, {eol, [$H, $D | <<"cd">>]}}}], arrived()).

golden_94_output_binary_in_lines() ->
    P = port([{line, 3}, binary]),
    control(P, ?OUTPUT_BINARY, [2, "HBab\ncd"]),
    golden([{P, {data, [$H, $B | <<"ab\ncd">>]}}], arrived()).

every_form_in_every_mode() ->
    [begin
        P = port(Options),
        [say({Options, Operation, Data, control(P, Operation, Data), arrived()})
         || Operation <- [?OUTPUT2, ?OUTPUT_BINARY, ?OUTPUTV],
            Data <- [[0], [0, "abc"], [2, "hd"], [2, "hdabcd"], [1, "h"], [3, "h\nd\nab\ncdefghi\n"], [0, 0, 200, 255]]],
        say({Options, control(P, ?OUTPUT, ""), control(P, ?OUTPUT, "abc\n"), arrived()}),
        say(erlang:port_info(P, input))
     end || Options <- [[], [binary], [{line, 4}], [{line, 4}, binary], [{packet, 2}]]],
    ok.

lines_across_outputs() ->
    P = port([{line, 4}, eof]),
    [begin control(P, ?OUTPUT, Part), say({Part, arrived()}) end
     || Part <- ["ab", "cd", "e", "\n", "ab\r", "\n", "\r\n", "abcd", "\n", "abcd\r", "\n", "abc\r\n", "x\ry\n", "", "z", "\r"]],
    control(P, ?EOF),
    say(arrived()),
    control(P, ?OUTPUT, "more"),
    control(P, ?FAIL_ATOM, "foo"),
    say(arrived()).

terms() ->
    P = port(),
    control(P, ?OUTPUT_TERM),
    golden({t, -9, 18446744073709551615, 0.5, "str", <<"bin">>, "ab", [-1 | 7], #{k => []}, P, self()}, next()),
    C = child(true),
    ask(C, fun() -> port_control(P, ?SEND_TERM, "") end),
    say(ask(C, fun() -> next() end)),
    say(arrived()).

vec_to_buf() ->
    P = port(),
    say([control(P, ?VEC_TO_BUF, Data) || Data <- ["", "a", "abcd", "abcde", "abcdefg"]]).

command_data() ->
    P = port(),
    [begin
        Result = attempt(fun() -> port_command(P, Data) end),
        say({Data, Result, arrived()})
     end || Data <- ["", <<>>, "hello", [[<<"a">>] | <<"b">>], [0, 200, $a], ["a" | <<"b">>], [1 | 2], [256], [-1], foo, 5, {},
        [foo], [[[[]]]], ["ab", [<<"cd">>, $e | <<"f">>]], #{}, "é"]],
    say(erlang:port_info(P, output)),
    say(log()).

commands_to_outputv() ->
    P = port(differ_soft_drv, [binary]),
    log(differ_soft_drv),
    B = binary:copy(<<"b">>, 100),
    [begin
        port_command(P, Data),
        say(log(differ_soft_drv)),
        say([{data_of(M)} || M <- arrived()])
     end || Data <- [B, [B], [B, B], [B | B], ["ab", B], [B, "ab"], ["ab", B, "cd"], [B, "ab", B, "cd" | B], [[B], [$a, [B]]],
        [<<"a">>, <<"b">>], binary:part(B, 3, 70), [$a, <<>>, B]]],
    ok.

data_of({_, {data, Data}}) -> {size_of(Data), erlang:adler32(to_binary(Data))}.

size_of(Data) when is_binary(Data) -> byte_size(Data);
size_of([Head | Tail]) -> [size_of(Head) | size_of(Tail)];
size_of(Other) -> Other.

to_binary(Data) when is_binary(Data) -> Data;
to_binary(Data) -> iolist_to_binary(Data).

counts() ->
    P = port(),
    Q = port(differ_soft_drv, []),
    [begin
        port_command(X, "abc"), port_command(X, ""), X ! {self(), {command, [<<"de">>, "f"]}},
        control(X, ?OUTPUT2, [2, "hdxyz"]), control(X, ?OUTPUT_BINARY, [2, "hdxyz"]), control(X, ?OUTPUTV, [2, "hdxyz"]),
        say(arrived()),
        say({erlang:port_info(X, input), erlang:port_info(X, output)})
     end || X <- [P, Q]],
    ok.

large_data() ->
    [begin
        P = port(Driver, [binary]),
        [begin
            port_command(P, binary:copy(<<"0123456789abcdef">>, Size)),
            {P, {data, Data}} = next(),
            say({Size, size_of(Data), erlang:adler32(to_binary(Data))})
         end || Size <- [1, 4, 5, 256, 4096, 65536]],
        say(erlang:port_info(P, input))
     end || Driver <- [differ_drv, differ_soft_drv]],
    ok.
