#include "stress/otp/golden.h"

namespace portlab {
namespace {

struct Refusal {
  const char* number;
  const char* name;
  const char* options;
};

// An open that succeeds says true.
constexpr Refusal kRefusals[] = {
    {"2", R"({spawn,""})", "[]"},
    {"2", R"({spawn_executable,""})", "[]"},
    {"2", R"({spawn_driver,""})", "[]"},
    {"2", "{spawn,[97,0,98]}", "[]"},
    {"2", "{spawn,[97|98]}", "[]"},
    {"2", "{spawn,17}", "[]"},
    {"2", "{spawn}", "[]"},
    {"2", R"({foo,"x"})", "[]"},
    {"2", R"({spawn,"cat",1})", "[]"},
    {"2", "17", "[]"},
    {"2", "[]", "[]"},
    {"2", R"({spawn_driver,"no_such_driver_x"})", "[]"},
    {"4", R"({spawn_executable,"/nonexist"})", "[]"},
    {"4", R"({spawn_executable,"/etc/passwd"})", "[]"},
    {"4", R"({spawn_executable,"sh"})", "[]"},
    {"6", R"({spawn_executable,"/etc/passwd/x"})", "[]"},
    {"19", R"({spawn,"cat"})", "[{line,0}]"},
    {"19", R"({spawn,"cat"})", "[{line,5},{packet,2}]"},
    {"19", R"({spawn,"cat"})", "[{packet,3}]"},
    {"19", R"({spawn,"cat"})", "[stderr_to_stdout,nouse_stdio]"},
    {"21", R"({spawn,"cat"})", "[foo]"},
    {"21", R"({spawn,"cat"})", "[binary|eof]"},
    {"21", R"({spawn,"cat"})", "foo"},
    {"21", R"({spawn,"cat"})", "[{env,foo}]"},
    {"21", R"({spawn,"cat"})", "[{cd,1}]"},
    {"21", R"({spawn,"cat"})", R"([{args,["a"]}])"},
    {"21", R"({spawn,"cat"})", R"([{arg0,"a"}])"},
    {"21", R"({spawn,"cat"})", "[{parallelism,x}]"},
    {"21", R"({spawn,"cat"})",
     "[in,out,binary,stream,use_stdio,hide,overlapped_io,{parallelism,true}]"},
    {"21", R"({spawn,"cat"})", "[{line,4},line]"},
    {"21", R"({spawn_executable,"/bin/sh"})", "[{args,foo}]"},
    {"21", R"({spawn_executable,"/bin/sh"})", "[{args,[1]}]"},
    {"21", R"({spawn_executable,"/bin/sh"})", R"([{args,["a"|b]}])"},
    {"31", R"({spawn_executable,"/bin/sh"})", "[{args,[[55296]]}]"},
    {"31", R"({spawn_executable,"/bin/sh"})", "[{args,[[1114112]]}]"},
    {"31", R"({spawn_executable,"/bin/sh"})", "[{args,[[-1]]}]"},
    {"31", R"({spawn_executable,"/bin/sh"})", "[{args,[[97,0,98]]}]"},
    {"31", R"({spawn_executable,"/bin/sh"})", R"([{args,[["a"|<<"b">>]]}])"},
    {"31", R"({spawn_executable,"/bin/sh"})", R"([{args,[["a",<<"b">>]]}])"},
    {"31", R"({spawn_executable,"/bin/sh"})", "[{args,[[a]]}]"},
    {"31", R"({spawn,["cat",<<"b">>]})", "[]"},
    {"28", R"({spawn,"cat"})", R"([{env,[{"A",<<"x">>}]}])"},
    {"28", R"({spawn,"cat"})", R"([{env,[{<<"A">>,"x"}]}])"},
    {"28", R"({spawn,"cat"})", R"([{env,[{"A",b}]}])"},
    {"28", R"({spawn,"cat"})", R"([{env,[{"A",[[]]}]}])"},
    {"28", R"({spawn,"cat"})", R"([{env,[{"A=B","x"}]}])"},
    {"28", R"({spawn,"cat"})", R"([{env,[{"A",[0]}]}])"},
    {"28", R"({spawn,"cat"})", R"([{env,[{"A",1}]}])"},
    {"28", R"({spawn,"cat"})", R"([{env,[{a,"b"}]}])"},
    {"28", R"({spawn,"cat"})", R"([{env,[{"","x"}]}])"},
    {"28", R"({spawn,"cat"})", R"([{env,[{"A",""}]}])"},
    {"28", R"({spawn,"cat"})", R"([{env,[{"A","b"}|c]}])"},
};

struct Program {
  const char* name;
  const char* script;  // for /bin/sh -c
  const char* options;
  int messages;
};

constexpr Program kPrograms[] = {
    {"7 exit status", "exit 7", "[exit_status]", 2},
    {"8 exit status and eof", "exit 7", "[exit_status,eof]", 2},
    {"9 no exit status", "exit 7", "[]", 1},
    {"9 eof only", "exit 7", "[eof]", 1},
    {"10 killed by 9", "kill -9 $$", "[exit_status]", 2},
    {"10 killed by 15", "kill -15 $$", "[exit_status]", 2},
    {"10 killed by 11", "ulimit -c 0; kill -11 $$", "[exit_status]", 2},
    {"11 exit status of one byte", "exit 300", "[exit_status]", 2},
    {"12 output closed before the end", "exec >&-; sleep 0.1; exit 3", "[exit_status]", 2},
    {"14 data, status, end", "printf abc; exit 1", "[exit_status,binary]", 3},
    {"15 lines", "printf 'ab\\ncdefgh\\nxy'", "[exit_status,{line,4}]", 6},
    {"15 lines with eof", "printf 'ab\\nxy'", "[exit_status,{line,4},eof]", 4},
    {"15 binary lines", "printf 'ab\\ncdefgh\\nxy'", "[exit_status,{line,4},binary]", 6},
    {"16 lines of the length", "printf 'abcd\\nabcde\\n'", "[exit_status,{line,4}]", 5},
    {"17 carriage returns", "printf 'a\\r\\nb\\rc\\n\\r\\nz\\r'", "[exit_status,{line,10}]", 6},
    {"18 carriage returns at the length", "printf 'abc\\r\\nabc\\rd\\n'", "[exit_status,{line,3}]",
     5},
    {"20 line without a length", "printf '%0600d\\n' 0", "[exit_status,line]", 4},
    {"24 truncated packet", "printf '\\0\\5ab'", "[exit_status,{packet,2}]", 2},
    {"25 packets in one write", "printf '\\0\\2ab\\0\\0\\0\\1c'", "[exit_status,{packet,2}]", 5},
    {"25 packets of one byte of length", "printf '\\2ab\\0\\1c'", "[exit_status,{packet,1},binary]",
     5},
    {"26 long packet that ends early", "printf '\\1\\0\\0\\0ab'", "[exit_status,{packet,4}]", 2},
    {"27 environment", "echo $FOO:${HOME-unset}:${BAR-unset}",
     R"([exit_status,{env,[{"FOO","b=r"},{"HOME",false},{"BAR",""}]}])", 3},
    {"27 environment, last wins", "echo $FOO", R"([exit_status,{env,[{"FOO","a"},{"FOO","b"}]}])",
     3},
    {"29 directory", "pwd", R"([exit_status,{cd,"/usr"}])", 3},
    {"29 no such directory", "pwd", R"([exit_status,{cd,"/nonexist"}])", 2},
    {"30 name of the program", "echo $0", R"([exit_status,{arg0,"zero"}])", 3},
    {"stderr to stdout", "echo oops >&2; exit 2", "[exit_status,stderr_to_stdout]", 3},
    {"out only, no status", "exit 4", "[out]", 0},
    {"signals ignored", "sed -n 's/^SigIgn:.*\\(....\\)$/\\1/p' /proc/self/status", "[exit_status]",
     3},
    {"descriptors", "echo $(ls /proc/self/fd)", "[exit_status,{line,80}]", 3},
    {"session of its own", "set -- $(cat /proc/$$/stat); test $1 = $6 && echo yes", "[exit_status]",
     3},
};

// Names and options as they come, without a shell script.
struct Opening {
  const char* name;
  const char* port_name;
  const char* options;
  int messages;
};

constexpr Opening kOpenings[] = {
    {"3 no such command", R"({spawn,"no_such_cmd_x"})", "[exit_status,stderr_to_stdout,line]", 3},
    {"5 a directory", R"({spawn_executable,"/tmp"})", "[exit_status]", 2},
    {"72 a pipeline", R"({spawn,"echo a | tr a b"})", "[exit_status]", 3},
    {"72 an assignment", R"({spawn,"VAR=x cmd"})", "[exit_status,stderr_to_stdout,line]", 3},
    {"31 arguments are UTF-8", R"({spawn_executable,"/bin/echo"})",
     "[binary,exit_status,{args,[[229,8364],[1114111],<<114,255>>,[\"a\",[\"b\",[]]],abc]}]", 3},
    {"31 an argument with a NUL", R"({spawn_executable,"/bin/echo"})",
     "[binary,exit_status,{args,[<<120,0,121>>,\"z\"]}]", 3},
    {"31 the command is UTF-8", "{spawn,[101,99,104,111,32,229,8364]}", "[binary,exit_status]", 3},
    {"31 the command in parts", R"({spawn,["echo ",["de",[]],"ep"]})", "[exit_status]", 3},
    {"31 the command is an atom", "{spawn,'echo atom'}", "[exit_status]", 3},
    {"31 the command is a binary", R"({spawn,<<"echo binary">>})", "[exit_status]", 3},
    {"31 the environment is UTF-8", R"({spawn,"echo $A$B"})",
     R"([binary,exit_status,{env,[{"A",[229,8364]},{["B"],["q",["r"]]}]}])", 3},
    {"31 the directory is a binary", R"({spawn,"pwd"})", R"([exit_status,{cd,<<"/usr">>}])", 3},
    {"31 the directory is an atom", R"({spawn,"pwd"})", "[exit_status,{cd,'/usr'}]", 3},
    {"31 the file in parts", R"({spawn_executable,["/bin/","pwd"]})",
     R"([exit_status,{cd,["/",""]}])", 3},
    {"31 the file is a binary", R"({spawn_executable,<<"/bin/pwd">>})", R"([exit_status,{cd,"/"}])",
     3},
    {"31 arg0 is an atom", R"({spawn_executable,"/bin/sh"})",
     R"([exit_status,{arg0,abc},{args,["-c","echo $0"]}])", 3},
};

Behaviour OfRefusal(const Refusal& row) {
  const std::string call = std::string(row.name) + "," + row.options;
  return {
      std::string(row.number) + " " + call, "say(is_port(open(" + call + ")))",
      [&row](Actor& actor) { actor.Say(static_cast<bool>(actor.Open(row.name, row.options))); }};
}

Behaviour OfProgram(const Program& row) {
  const std::string erlang = "say(is_port(sh(" + Term::String(row.script).ToString() + "," +
                             row.options + "))),take(" + std::to_string(row.messages) +
                             "),quiet(30)";
  return {row.name, erlang, [&row](Actor& actor) {
            actor.Say(static_cast<bool>(actor.Sh(row.script, row.options)));
            actor.Take(row.messages);
            actor.Quiet(30);
          }};
}

// {packet,N} through cat.
Behaviour PacketsEchoed(int bytes) {
  const std::string options = "[binary,{packet," + std::to_string(bytes) + "}]";
  const std::string erlang =
      "P=open({spawn,\"cat\"}," + options +
      "),[answer(fun()->port_command(P,D) end)||D<-[<<\"hi\">>,<<>>,[\"a\",<<\"b\">>]]],take(3)";
  return {"22 packets echoed, " + std::to_string(bytes), erlang, [options](Actor& actor) {
            const PortId port = actor.Open(R"({spawn,"cat"})", options);
            for (const char* data : {"<<\"hi\">>", "<<>>", "[\"a\",<<\"b\">>]"}) {
              actor.Answer(actor.Command(port, Actor::Read(data)));
            }
            actor.Take(3);
          }};
}

// A packet longer than its length field can say.
Behaviour PacketTooLong(int bytes, int size) {
  const std::string options = "[{packet," + std::to_string(bytes) + "}]";
  const std::string erlang =
      "P=open({spawn,\"cat\"}," + options + "),answer(fun()->port_command(P,lists:duplicate(" +
      std::to_string(size) + ",$a)) end),take(1),answer(fun()->port_close(P) end)";
  return {"23 packet too long, " + std::to_string(bytes), erlang, [options, size](Actor& actor) {
            const PortId port = actor.Open(R"({spawn,"cat"})", options);
            actor.Answer(actor.Command(port, Term::String(std::string(size, 'a'))));
            actor.Take(1);
            actor.Answer(actor.Close(port));
          }};
}

Behaviour OfOpening(const Opening& row) {
  const std::string call = std::string(row.port_name) + "," + row.options;
  return {row.name, "open(" + call + "),take(" + std::to_string(row.messages) + ")",
          [&row](Actor& actor) {
            actor.Open(row.port_name, row.options);
            actor.Take(row.messages);
          }};
}

}  // namespace

std::vector<Behaviour> RefusalBehaviours() {
  std::vector<Behaviour> behaviours;
  for (const Refusal& row : kRefusals) behaviours.push_back(OfRefusal(row));
  behaviours.push_back(
      {"6 name too long", "open({spawn_executable,lists:duplicate(5000,$a)},[])", [](Actor& actor) {
         actor.Open("{spawn_executable,\"" + std::string(5000, 'a') + "\"}", "[]");
       }});
  return behaviours;
}

std::vector<Behaviour> ProgramBehaviours() {
  std::vector<Behaviour> behaviours;
  for (const Program& row : kPrograms) behaviours.push_back(OfProgram(row));
  for (const int bytes : {1, 2, 4}) behaviours.push_back(PacketsEchoed(bytes));
  behaviours.push_back(PacketTooLong(1, 256));
  behaviours.push_back(PacketTooLong(2, 65536));
  for (const Opening& row : kOpenings) behaviours.push_back(OfOpening(row));
  return behaviours;
}

}  // namespace portlab
