%% One host of ports and drivers, as this node sees it: the server behind `portlab`. It starts the port
%% program `portlab bridge`, tells it which processes are clients, hands on what they ask, and delivers
%% to them whatever comes from the host. All of that goes through this one process, so that an answer
%% comes after the messages that were sent before it.
%%
%% It knows who is linked to which port and who monitors it, for one reason: when the host dies, nobody
%% else is left to say so.
-module(portlab_host).
-behaviour(gen_server).

-export([start/2, stop/1, restart/1, ask/3, value/1, info/1, name/3]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-define(START_TIMEOUT, 60000).
-define(STOP_TIMEOUT, 3000).            % after that it is killed

-record(state, {options = [],
                node,                   % the node name in this host's port terms
                creation = 0,           % one more with every start
                bridge,                 % the port of the port program; undefined: the host is down
                about = #{},
                crash,                  % why it is down
                world,                  % what a host shares with its node: world/0
                next = 1,
                clients = #{},          % Pid => monitor
                calls = #{},            % Pid => {Id, Tag, Track}: its call in progress
                links = #{},            % {Pid, Port} => true
                early = #{},            % {Pid, Port} => true: the exit came before open_port's answer
                monitors = #{},         % Ref => {Pid, port | driver, Port | Name, Item}
                names = #{},            % Name => Port
                data = #{}}).           % Port => what port_set_data was given

%% ---- For portlab ----

%% Start: start | start_link, as gen_server has them.
start(Start, Options) ->
    case gen_server:Start(?MODULE, Options, [{timeout, ?START_TIMEOUT}]) of
        {error, {shutdown, Reason}} -> {error, Reason};
        Started -> Started
    end.

stop(Host) -> gen_server:stop(Host).

restart(Host) -> gen_server:call(Host, restart, ?START_TIMEOUT).

info(Host) -> gen_server:call(Host, info).

%% name(Host, register | unregister | whereis | set_data | get_data, Key | {Key, Value})
name(Host, What, Argument) -> gen_server:call(Host, {What, Argument}, infinity).

%% Has the host do something for this process: {ok, Value}, {error, Reason, Detail}, {host_down, Info},
%% or closed, when there is no such host any more. Track: what the server is to remember of it.
ask(Host, Request, Track) ->
    case ask_encoded(Host, term_to_binary(Request), Track) of
        {error, undecodable, Why} when element(1, Request) =:= call ->
            erlang:error({portlab_cannot_send, Why});
        {error, undecodable, _} ->
            ask_encoded(Host, term_to_binary(portlab_terms:plain(Request)), Track);
        Answer ->
            Answer
    end.

ask_encoded(Host, Bytes, Track) ->
    Tag = erlang:monitor(process, Host),
    Host ! {ask, self(), Tag, Bytes, Track},
    receive
        {Tag, Answer} ->
            erlang:demonitor(Tag, [flush]),
            Answer;
        {'DOWN', Tag, process, Host, _} ->
            closed
    end.

%% The value of an answer, or its exception.
value({ok, Value}) -> Value;
value({error, Reason, _Detail}) -> erlang:error(Reason);
value({host_down, Info}) -> erlang:error({portlab_host_down, Info});
value(closed) -> erlang:error({portlab_host_down, stopped}).

%% ---- The server ----

init(Options) ->
    process_flag(trap_exit, true),
    Unique = integer_to_list(erlang:unique_integer([positive])),
    Node = list_to_atom("portlab_" ++ Unique ++ "@" ++ os:getpid()),
    %% As a shutdown: who asked is answered, and nothing is logged.
    try open(#state{options = Options, node = Node}) of
        {ok, State} -> {ok, State};
        {error, Reason} -> {stop, {shutdown, Reason}}
    catch
        error:Reason -> {stop, {shutdown, Reason}}
    end.

open(State = #state{options = Options, creation = Before}) ->
    Creation = Before + 1,
    Tool = portlab_options:tool(Options),
    Bridge = erlang:open_port({spawn_executable, Tool},
                              [{args, portlab_options:arguments(Options, State#state.node, Creation)},
                               {packet, 4}, binary, exit_status]),
    case await_ready(Bridge) of
        {ready, About} ->
            persistent_term:put({portlab, State#state.node}, {self(), Creation}),
            {ok, State#state{creation = Creation, bridge = Bridge, about = About,
                             world = world(), crash = undefined}};
        {failed, Why} -> {error, {portlab_cannot_start, Why}}
    end.

await_ready(Bridge) ->
    receive
        {Bridge, {data, Bytes}} ->
            case binary_to_term(Bytes) of
                {ready, About} -> {ready, About};
                {no_host, Why} -> {failed, Why};
                {host_down, Info} -> {failed, Info}
            end;
        {Bridge, {exit_status, Status}} -> {failed, {exit_status, Status}};
        {'EXIT', Bridge, Reason} -> {failed, Reason}
    after ?START_TIMEOUT ->
            erlang:port_close(Bridge),
            {failed, timeout}
    end.

handle_call(info, _From, State) ->
    #state{options = Options, about = About, creation = Creation, node = Node, crash = Crash} = State,
    Status = case State#state.bridge of undefined -> down; _ -> up end,
    {reply, About#{options => Options, generation => Creation, ports_node => Node,
                   status => Status, crash => Crash}, State};
handle_call(restart, _From, State) ->
    case open(close(dismiss(State), restarted)) of
        {ok, Opened} -> {reply, ok, Opened};
        {error, Reason} -> {reply, {error, Reason}, close(State, Reason)}
    end;
handle_call({register, {Name, Port}}, _From, State = #state{names = Names}) ->
    Named = lists:member(Port, maps:values(Names)),
    case Names of
        #{Name := Other} -> {reply, {taken, Other}, State};
        #{} when Named -> {reply, named, State};
        #{} -> {reply, true, State#state{names = Names#{Name => Port}}}
    end;
handle_call({unregister, Name}, _From, State = #state{names = Names}) ->
    {reply, is_map_key(Name, Names), State#state{names = maps:remove(Name, Names)}};
handle_call({whereis, Name}, _From, State = #state{names = Names}) ->
    {reply, maps:get(Name, Names, undefined), State};
handle_call({name_of, Port}, _From, State = #state{names = Names}) ->
    {reply, [Name || {Name, P} <- maps:to_list(Names), P =:= Port], State};
handle_call({set_data, {Port, Value}}, _From, State = #state{data = Data}) ->
    {reply, true, State#state{data = Data#{Port => Value}}};
handle_call({get_data, Port}, _From, State = #state{data = Data}) ->
    {reply, maps:get(Port, Data, undefined), State}.

handle_cast(_, State) -> {noreply, State}.

handle_info({ask, Client, Tag, _Bytes, _Track}, State = #state{bridge = undefined}) ->
    Client ! {Tag, {host_down, State#state.crash}},
    {noreply, State};
handle_info({ask, Client, Tag, Bytes, Track}, State0) ->
    State = remember(Track, Client, in_world(Track, Client, client(Client, identify(State0)))),
    {noreply, request(Client, Tag, Bytes, Track, State)};
handle_info({Bridge, {data, Bytes}}, State = #state{bridge = Bridge}) ->
    {noreply, frame(binary_to_term(Bytes), State)};
handle_info({Bridge, {exit_status, Status}}, State = #state{bridge = Bridge}) ->
    How = iolist_to_binary(io_lib:format("portlab bridge ended with exit status ~b", [Status])),
    {noreply, host_down(#{how => How}, State)};
handle_info({'DOWN', _, process, Client, Reason}, State) ->
    {noreply, client_down(Client, Reason, State)};
handle_info(_, State) ->
    {noreply, State}.

terminate(_Reason, State) ->
    persistent_term:erase({portlab, State#state.node}),
    close(dismiss(State), stopped).

%% ---- Clients ----

client(Client, State = #state{clients = Clients}) when is_map_key(Client, Clients) -> State;
client(Client, State = #state{clients = Clients}) ->
    to_host({mirror, Client}, State),
    State#state{clients = Clients#{Client => erlang:monitor(process, Client)}}.

client_down(Client, Reason, State) ->
    Others = fun({Pid, _}, _) -> Pid =/= Client end,
    to_host({down, Client, term_to_binary(portlab_terms:plain(Reason))}, State),
    State#state{clients = maps:remove(Client, State#state.clients),
                calls = maps:remove(Client, State#state.calls),
                links = maps:filter(Others, State#state.links),
                early = maps:filter(Others, State#state.early),
                monitors = maps:filter(fun(_, {Pid, _, _, _}) -> Pid =/= Client end,
                                       State#state.monitors)}.

%% A node may get its name late. What its pids say must be what the host expects.
identify(State = #state{world = {Identity, Directory, Environment}}) ->
    case {node(), Identity} of
        {Same, {Same, _}} -> State;
        _ ->
            {Name, Creation} = portlab_options:identity(),
            to_host({identity, Name, Creation}, State),
            State#state{world = {{Name, Creation}, Directory, Environment}}
    end.

%% Drivers and programs start in the working directory and with the environment that this node has.
in_world(Track, Client, State = #state{world = {Identity, Directory, Environment}})
  when Track =:= open; element(1, Track) =:= driver ->
    Now = {_, Here, Variables} = world(),
    [side_request(Client, {directory, Here}, State) || Here =/= Directory],
    [side_request(Client, {environment, changes(Environment, Variables)}, State)
     || Variables =/= Environment],
    State#state{world = setelement(1, Now, Identity)};
in_world(_Track, _Client, State) -> State.

world() ->
    {ok, Directory} = file:get_cwd(),
    {portlab_options:identity(), unicode:characters_to_binary(Directory), os:env()}.

changes(Before, Now) ->
    [{name_or_value(Name), name_or_value(Value)} || {Name, Value} <- Now -- Before]
        ++ [{name_or_value(Name), false} || {Name, _} <- Before, not lists:keymember(Name, 1, Now)].

name_or_value(Text) -> unicode:characters_to_binary(Text).

%% One whose answer nobody waits for.
side_request(Client, Request, State) ->
    to_host({request, Client, 0, term_to_binary(Request)}, State).

request(Client, Tag, _Bytes, {demonitor, Ref}, State = #state{monitors = Monitors}) ->
    case Monitors of
        #{Ref := {Client, Kind, What, _}} ->
            send_request(Client, Tag, term_to_binary(demonitor(Kind, What, Ref)), none,
                         State#state{monitors = maps:remove(Ref, Monitors)});
        #{} ->
            Client ! {Tag, {ok, false}},
            State
    end;
request(Client, Tag, Bytes, Track, State) ->
    send_request(Client, Tag, Bytes, Track, State).

demonitor(driver, _Name, Ref) -> {demonitor_driver, Ref};
demonitor(port, Port, Ref) ->
    {Number, _} = portlab_terms:port_number(Port),
    {demonitor, Number, Ref}.

send_request(Client, Tag, Bytes, Track, State = #state{next = Id, calls = Calls}) ->
    to_host({request, Client, Id, Bytes}, State),
    State#state{next = Id + 1, calls = Calls#{Client => {Id, Tag, Track}}}.

to_host(_Frame, #state{bridge = undefined}) -> ok;
to_host(Frame, #state{bridge = Bridge}) -> erlang:port_command(Bridge, term_to_binary(Frame)).

%% What has to be known before the host can answer.
remember({link, Port}, Client, State = #state{links = Links}) ->
    State#state{links = Links#{{Client, Port} => true}};
remember({unlink, Port}, Client, State = #state{links = Links}) ->
    State#state{links = maps:remove({Client, Port}, Links)};
remember({connect, Pid, Port}, _Client, State) ->
    remember({link, Port}, Pid, client(Pid, State));
remember({mirror, Pid}, _Client, State) -> client(Pid, State);
remember(_Track, _Client, State) -> State.

%% What is known once it has answered.
answered(open, Client, {ok, Port}, State = #state{links = Links, early = Early}) ->
    Others = fun({Pid, _}, _) -> Pid =/= Client end,
    Open = State#state{early = maps:filter(Others, Early)},
    case Early of
        #{{Client, Port} := true} -> Open;
        #{} -> Open#state{links = Links#{{Client, Port} => true}}
    end;
answered({link, Port}, Client, {error, _, _}, State = #state{links = Links}) ->
    State#state{links = maps:remove({Client, Port}, Links)};
answered({connect, Pid, Port}, _Client, {error, _, _}, State = #state{links = Links}) ->
    State#state{links = maps:remove({Pid, Port}, Links)};
answered({monitor, Port, Item}, Client, {ok, Ref}, State) ->
    monitored(Ref, {Client, port, Port, Item}, State);
answered({driver, Name}, Client, {ok, {ok, _, Ref}}, State) ->
    monitored(Ref, {Client, driver, Name, Name}, State);
answered({driver, Name}, Client, {ok, Ref}, State) when is_reference(Ref) ->
    monitored(Ref, {Client, driver, Name, Name}, State);
answered(_Track, _Client, _Answer, State) -> State.

%% The message that ends a monitor may come before the answer that names it.
monitored(Ref, Monitor = {Client, _, _, _}, State = #state{monitors = Monitors, early = Early}) ->
    case Early of
        #{{Client, Ref} := true} -> State#state{early = maps:remove({Client, Ref}, Early)};
        #{} -> State#state{monitors = Monitors#{Ref => Monitor}}
    end.

no_longer_monitored(Client, Ref, State = #state{monitors = Monitors, calls = Calls, early = Early}) ->
    case {Monitors, Calls} of
        {#{Ref := _}, _} -> State#state{monitors = maps:remove(Ref, Monitors)};
        {_, #{Client := {_, _, {Asked, _}}}} when Asked =:= driver -> State#state{early = Early#{{Client, Ref} => true}};
        {_, #{Client := {_, _, {monitor, _, _}}}} -> State#state{early = Early#{{Client, Ref} => true}};
        _ -> State
    end.

%% ---- Frames ----

frame({reply, Client, Id, Answer}, State = #state{calls = Calls}) ->
    case Calls of
        #{Client := {Id, Tag, Track}} ->
            Client ! {Tag, Answer},
            answered(Track, Client, Answer, State#state{calls = maps:remove(Client, Calls)});
        #{} -> State
    end;
frame({message, Client, {'DOWN', Ref, port, Port, Reason}}, State) ->
    port_down(Client, Ref, Port, Reason, State);
frame({message, Client, {_, Ref, driver, _, _} = Message}, State) ->
    Client ! Message,
    no_longer_monitored(Client, Ref, State);
frame({message, Client, Message}, State) ->
    Client ! Message,
    State;
frame({exit, Client, From, Reason, _FromLink}, State = #state{links = Links, early = Early}) ->
    exit_signal(Client, From, Reason),
    case {Links, State#state.calls} of
        {#{{Client, From} := true}, _} -> State#state{links = maps:remove({Client, From}, Links)};
        {_, #{Client := {_, _, open}}} -> State#state{early = Early#{{Client, From} => true}};
        _ -> State
    end;
frame({host_down, Info}, State) ->
    host_down(Info, State).

port_down(Client, Ref, Port, Reason, State = #state{monitors = Monitors, calls = Calls}) ->
    Item = case {Monitors, Calls} of
               {#{Ref := {_, _, _, Known}}, _} -> Known;
               {_, #{Client := {_, _, {monitor, Port, Asked}}}} -> Asked;
               _ -> Port
           end,
    Client ! {'DOWN', Ref, port, Item, Reason},
    no_longer_monitored(Client, Ref, State).

%% As an exit signal of the port itself: a message to who traps exits, else the end of the client.
exit_signal(Client, From, Reason) ->
    case erlang:process_info(Client, trap_exit) of
        {trap_exit, true} -> Client ! {'EXIT', From, Reason};
        {trap_exit, false} when Reason =/= normal -> erlang:exit(Client, Reason);
        _ -> ok
    end.

%% ---- The end of the host ----

host_down(Info, State) ->
    portlab_options:print_crash(Info),
    persistent_term:put({portlab, last_crash}, Info),
    close(State, maps:remove(report, Info)).

%% Ends it in peace: a driver's `stop` and `finish` run, and a leak is found.
dismiss(State = #state{bridge = undefined}) -> State;
dismiss(State = #state{bridge = Bridge}) ->
    to_host(stop, State),
    receive {Bridge, {exit_status, _}} -> ok
    after ?STOP_TIMEOUT -> ok
    end,
    State.

%% Whoever had to do with it is told; afterwards its ports are closed ports.
close(State = #state{bridge = undefined}, _Why) -> State;
close(State = #state{bridge = Bridge}, Why) ->
    Reason = {portlab_host_down, Why},
    persistent_term:put({portlab, State#state.node}, {self(), gone}),
    catch erlang:port_close(Bridge),
    [exit_signal(Client, Port, Reason) || {Client, Port} <- maps:keys(State#state.links)],
    [Client ! {'DOWN', Ref, Kind, Item, Reason}
     || {Ref, {Client, Kind, _, Item}} <- maps:to_list(State#state.monitors)],
    [Client ! {Tag, {host_down, Why}} || {Client, {_, Tag, _}} <- maps:to_list(State#state.calls)],
    [erlang:demonitor(Monitor, [flush]) || Monitor <- maps:values(State#state.clients)],
    #state{options = State#state.options, node = State#state.node,
           creation = State#state.creation, crash = Why}.
