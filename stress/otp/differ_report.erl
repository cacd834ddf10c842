%% What the harness prints.
-module(differ_report).
-export([line/2, flush/0]).

line(Format, Arguments) -> io:format(Format, Arguments).

%% Waits until what was printed is written: the node then ends without flushing ports, of which some may be what is tested.
flush() ->
    Queued = [Size || Port <- erlang:ports(), {name, "0/1"} <- [erlang:port_info(Port, name)],
        {queue_size, Size} <- [erlang:port_info(Port, queue_size)], Size > 0],
    Queued =:= [] orelse begin timer:sleep(1), flush() end.
