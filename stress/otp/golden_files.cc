// Ports of files and of descriptors.
#include "stress/otp/golden.h"
#include "stress/otp/golden_steps.h"

namespace portlab {
namespace {

struct Opening {
  const char* number;
  const char* name;  // Erlang; F/ is the folder
  const char* options;
};

constexpr Opening kOpenings[] = {
    {"1", R"("F/data")", "[in]"},
    {"1", "'F/data'", "[in,binary]"},
    {"1", R"("F/data")", "[in,line]"},
    {"1", R"("F/data")", "[in,eof,{line,2}]"},
    {"1", R"("F/data")", "[in,stderr_to_stdout,{cd,\"/\"},{env,[{\"A\",\"b\"}]}]"},
    {"1", R"("F/packets")", "[in,{packet,1}]"},
    {"1", R"("F/new")", "[]"},
    {"1", R"(<<"F/data">>)", "[in]"},
    {"1", R"(["F/","data"])", "[in]"},
    {"1", R"("F/data")", "[exit_status]"},
    {"1", R"("F/data")", "[{args,[\"a\"]}]"},
    {"1", R"("F/data")", "[{arg0,\"a\"}]"},
    {"1", "[]", "[in]"},
    {"77", R"("F/none/x")", "[in]"},
    {"77", R"("F/none/x")", "[out]"},
    {"77", R"("/")", "[]"},
    {"61", "{fd,a,1}", "[]"},
    {"61", "{fd,-1,-1}", "[]"},
    {"61", "{fd,99999,1}", "[]"},
    {"61", "{fd,0,1,2}", "[]"},
    {"61", "{fd,0,1}", "[exit_status]"},
    {"61", "{fd,0,1}", "[{args,[]}]"},
    {"61", "{fd,1180591620717411303424,1}", "[]"},
    {"2", R"({spawn_driver,"spawn"})", "[]"},
    {"2", R"({spawn_driver,"fd"})", "[]"},
    {"2", R"({spawn_driver,"vanilla"})", "[]"},
    {"2", R"({spawn,"vanilla"})", "[exit_status,stderr_to_stdout,{line,200}]"},
};

std::string Filled(std::string text, const std::string& folder) {
  // On behind what was put in: the folder's name may end in F as well.
  for (std::size_t at = 0; (at = text.find("F/", at)) != std::string::npos; at += folder.size()) {
    text.replace(at, 1, folder);
  }
  return text;
}

Behaviour OfOpening(const Opening& row, const std::string& folder) {
  const std::string name = Filled(row.name, folder);
  const std::string call = name + "," + row.options;
  return {std::string(row.number) + " " + row.name + "," + row.options,
          "P=open(" + call + "), is_port(P) andalso begin take(1), quiet(100) end",
          [name, &row](Actor& a) {
            const PortId port = a.Open(name, row.options);
            if (!port) return;
            a.Take(1);
            a.Quiet(100);
          }};
}

// A file is written, closed and read.
Behaviour Written(const std::string& folder) {
  const std::string name = "\"" + folder + "/written\"";
  return {"77 a file is written",
          "P = open(" + name + R"(, [out, {packet, 2}]), say(erlang:port_info(P, name)),
            answer(fun() -> port_command(P, "xy") end), answer(fun() -> port_command(P, [<<"z">>]) end),
            answer(fun() -> port_close(P) end), take(1), open()" +
              name + ", [in, binary]), take(2)",
          [name](Actor& a) {
            const PortId port = a.Open(name, "[out,{packet,2}]");
            a.Say(InfoItem(a, port, "name"));
            a.Answer(a.Command(port, Term::String("xy")));
            a.Answer(a.Command(port, Term::List({Term::Binary("z")})));
            a.Answer(a.Close(port));
            a.Take(1);
            a.Open(name, "[in,binary]");
            a.Take(2);
          }};
}

// Descriptors that nobody has open.
std::vector<Behaviour> Closed() {
  return {
      {"61 a closed descriptor is written",
       R"(P = open({fd, 900, 901}, [out]), say(erlang:port_info(P, name)),
        answer(fun() -> port_command(P, "x") end), take(1))",
       [](Actor& a) {
         const PortId port = a.Open("{fd,900,901}", "[out]");
         a.Say(InfoItem(a, port, "name"));
         a.Answer(a.Command(port, Term::String("x")));
         a.Take(1);
       }},
      {"34 a command to a reading descriptor",
       R"(P = open({fd, 900, -1}, [in]), answer(fun() -> port_command(P, "x") end), take(1))",
       [](Actor& a) {
         const PortId port = a.Open("{fd,900,-1}", "[in]");
         a.Answer(a.Command(port, Term::String("x")));
         a.Take(1);
       }},
      {"60 control and call",
       R"(P = open({fd, -1, 1}, [out]), answer(fun() -> port_control(P, 0, []) end),
        answer(fun() -> erlang:port_call(P, 0, []) end))",
       [](Actor& a) {
         const PortId port = a.Open("{fd,-1,1}", "[out]");
         a.Answer(a.Control(port, 0, ""));
         a.Answer(a.runtime().PortCall(a.self(), port, 0, Term::Nil()));
       }},
  };
}

}  // namespace

std::vector<Behaviour> FileBehaviours(const std::string& folder) {
  std::vector<Behaviour> all = Closed();
  for (const Opening& row : kOpenings) all.push_back(OfOpening(row, folder));
  all.push_back(Written(folder));
  return all;
}

}  // namespace portlab
