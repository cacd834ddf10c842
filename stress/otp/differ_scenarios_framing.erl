%% Programs' output and input cut into packets and lines, at the sizes where something changes.
-module(differ_scenarios_framing).
-import(differ_words, [say/1, golden/2, next/0, next/1, quiet/0]).
-export([golden_15_to_18_lines/0, golden_20_line_of_no_length/0, golden_22_packets_echoed/0, golden_23_packet_too_long/0,
    golden_24_to_26_packets/0, golden_74_order/0, packet_sizes/0, line_lengths/0, stream_sizes/0, split_headers/0,
    unfinished/0, both_directions/0, announced_length_below_2_gib/0,
    announced_length_of_2_gib/0]).

sh(Script, Options) -> open_port({spawn_executable, "/bin/sh"}, [{args, ["-c", Script]} | Options]).

to_the_end(P) ->
    case next() of
        {'EXIT', P, _} = Last -> [Last | quiet()];
        {P, eof} = Last -> [Last | quiet()];
        nothing -> [nothing];
        Message -> [Message | to_the_end(P)]
    end.

data(P) -> [Data || {Q, {data, Data}} <- to_the_end(P), Q =:= P].

golden_15_to_18_lines() ->
    [golden(Lines, data(sh("printf '" ++ Text ++ "'", [{line, Length}])))
     || {Text, Length, Lines} <- [
        {"ab\\ncdefgh\\nxy", 4, [{eol, "ab"}, {noeol, "cdef"}, {eol, "gh"}, {noeol, "xy"}]},
        {"abcd\\nabcde\\n", 4, [{eol, "abcd"}, {noeol, "abcd"}, {eol, "e"}]},
        {"a\\r\\nb\\rc\\n\\r\\nz\\r", 10, [{eol, "a"}, {eol, "b\rc"}, {eol, []}, {noeol, "z\r"}]},
        {"abc\\r\\nabc\\rd\\n", 3, [{eol, "abc"}, {noeol, "abc"}, {eol, "\rd"}]}]],
    P = sh("printf 'ab\\nxy'", [{line, 4}, exit_status]),
    golden([{P, {data, {eol, "ab"}}}, {P, {exit_status, 0}}, {P, {data, {noeol, "xy"}}}, {'EXIT', P, normal}], to_the_end(P)).

golden_20_line_of_no_length() ->
    golden([{noeol, 512}, {eol, 88}], [{End, length(Line)} || {End, Line} <- data(sh("printf '%0600d\\n' 0", [line]))]).

golden_22_packets_echoed() ->
    [begin
        P = open_port({spawn, "cat"}, [{packet, N}, binary]),
        [true = port_command(P, Data) || Data <- [<<"hi">>, <<>>, ["a", <<"b">>]]],
        golden([{P, {data, <<"hi">>}}, {P, {data, <<>>}}, {P, {data, <<"ab">>}}], next(3)),
        port_close(P),
        say(next())
     end || N <- [1, 2, 4]],
    ok.

golden_23_packet_too_long() ->
    [begin
        P = open_port({spawn, "cat"}, [{packet, N}]),
        golden(true, port_command(P, binary:copy(<<"x">>, Size))),
        golden({'EXIT', P, einval}, next())
     end || {N, Size} <- [{1, 256}, {2, 65536}]],
    ok.

golden_24_to_26_packets() ->
    [begin
        P = sh("printf '" ++ Bytes ++ "'", [{packet, N}, exit_status]),
        golden([{P, {data, Packet}} || Packet <- Packets] ++ [{P, {exit_status, 0}}, {'EXIT', P, normal}], to_the_end(P))
     end || {N, Bytes, Packets} <- [{2, "\\0\\5ab", []}, {2, "\\0\\2ab\\0\\0\\0\\1c", ["ab", [], "c"]}, {4, "\\1\\0\\0\\0ab", []},
        {4, "\\3\\377\\377\\377ab", []}]],
    ok.

%% OTP makes room for it as it comes; here it is more than a port takes (table of differences).
announced_length_below_2_gib() ->
    P = sh("printf '\\177\\377\\377\\377ab'", [{packet, 4}, exit_status]),
    say(to_the_end(P)).

golden_74_order() ->
    P = open_port({spawn, "cat"}, [{packet, 4}, binary]),
    [port_command(P, <<I:16>>) || I <- lists:seq(1, 300)],
    golden(lists:seq(1, 300), [receive {P, {data, <<I:16>>}} -> I after 10000 -> none end || _ <- lists:seq(1, 300)]),
    port_close(P),
    say(next()).

%% Around what a header can say, what a pipe holds and what is read at once.
packet_sizes() ->
    [begin
        P = open_port({spawn, "cat"}, [{packet, N}, binary]),
        Packet = some_bytes(Size),
        port_command(P, Packet),
        case next() of
            {P, {data, Packet}} -> say({N, Size, the_same});
            Other -> say({N, Size, Other})
        end,
        catch port_close(P),
        quiet()
     end || {N, Sizes} <- [{1, [0, 1, 127, 128, 254, 255, 256]}, {2, [0, 1, 255, 256, 4095, 4096, 32767, 32768, 65535, 65536]},
        {4, [0, 1, 255, 256, 65531, 65532, 65535, 65536, 65537, 131072, 1048576]}], Size <- Sizes],
    ok.

%% Bytes that differ from place to place.
some_bytes(Size) -> << <<(I * 7 + I bsr 8)>> || I <- lists:seq(1, Size) >>.

line_lengths() ->
    [begin
        P = sh("printf '%0" ++ integer_to_list(Size) ++ "d\\n' 0", [{line, Length}, binary]),
        say({Length, Size, [{End, byte_size(Line)} || {End, Line} <- data(P)]})
     end || Length <- [1, 2, 3, 255, 256, 4096, 65535, 65536, 65537], Size <- lists:usort([1, Length - 1, Length, Length + 1, 2 * Length]),
        Size > 0, Size < 20 * Length],
    ok.

stream_sizes() ->
    [begin
        P = sh("head -c " ++ integer_to_list(Size), [binary, exit_status]),
        say(port_command(P, binary:copy(<<"abcdefgh">>, (Size + 7) div 8))),
        Messages = to_the_end(P),
        say({Size, erlang:phash2(iolist_to_binary([Data || {_, {data, Data}} <- Messages])), [M || {_, {exit_status, _}} = M <- Messages]})
     end || Size <- [1, 4095, 4096, 4097, 65535, 65536, 65537, 300000]],
    ok.

%% Headers and bodies that come in pieces.
split_headers() ->
    [begin
        P = sh(lists:append(["printf '" ++ Piece ++ "'; sleep 0.02; " || Piece <- Pieces]), [{packet, N}, exit_status]),
        say({N, Pieces, to_the_end(P)})
     end || {N, Pieces} <- [{2, ["\\0", "\\2", "a", "b"]}, {4, ["\\0\\0", "\\0\\3ab", "c\\0\\0\\0", "\\1d\\0"]}, {1, ["\\2", "ab\\1", "c"]}]],
    ok.

unfinished() ->
    [begin
        P = sh("printf '" ++ Bytes ++ "'; exit 1", Options),
        say({Bytes, Options, to_the_end(P)}),
        catch port_close(P),
        quiet()
     end || Bytes <- ["", "\\0", "\\0\\0", "\\0\\0\\0\\1", "ab", "\\n", "a\\n\\n"],
        Options <- [[{packet, 1}, exit_status], [{packet, 2}, eof], [{packet, 4}, exit_status, eof], [{line, 2}, exit_status],
            [{line, 2}, eof], [line]]],
    ok.

both_directions() ->
    P = open_port({spawn, "cat"}, [{packet, 2}]),
    [P ! {self(), {command, Data}} || Data <- ["a", <<"b">>, ["c", [<<"d">>]], []]],
    say([receive {P, {data, Data}} -> Data after 10000 -> nothing end || _ <- [1, 2, 3, 4]]),
    say({erlang:port_info(P, input), erlang:port_info(P, output)}),
    port_close(P),
    say(next()).

%% OTP waits for it or asks for so much memory, and its VM spins (table of differences).
announced_length_of_2_gib() ->
    [begin
        P = sh("printf '" ++ Header ++ "ab'; exec sleep 5", [{packet, 4}]),
        say(next()),
        say(erlang:port_info(P))
     end || Header <- ["\\200\\0\\0\\0", "\\377\\377\\377\\377"]],
    ok.
