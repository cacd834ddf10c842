// Debian's own drivers, built long ago against OTP's header, load here unmodified and do what they
// do in `erl`. Source: performance.md A7; dbg(3erl) trace_port/2; megaco_flex_scanner(3erl). The
// start commands and control operations are those that dbg and megaco_flex_scanner were seen to use
// (erlang:trace/3 on open_port/2 and port_control/3).
#include <gtest/gtest.h>

#include <filesystem>

#include "stress/otp/behaviour.h"
#include "stress/otp/tcp_client.h"
#include "term/parse.h"

namespace portlab {
namespace {

constexpr unsigned kFlush = 'f';
constexpr unsigned kListenPort = 'p';
constexpr unsigned kScan = 's';
constexpr const char* kWhere = "where the driver is";

class DebianDriversTest : public testing::Test {
 protected:
  // Asks `erl` the behaviours, finds the driver where `erl` has it, and compares.
  void Compare(std::vector<Behaviour> behaviours, const std::string& application,
               const std::string& driver) {
    std::vector<Question> questions = QuestionsOf(behaviours);
    questions.push_back({kWhere, "driver_directory(" + application + ")"});
    const auto answers = AskErl(questions, {{"Driver", driver}, {"Scratch", scratch_.path()}});
    ASSERT_TRUE(answers.has_value()) << answers.error().detail;
    const auto directory = ParseTerm(answers->at(kWhere));
    ASSERT_TRUE(directory.has_value());
    directory_ =
        directory->is(TermKind::kString) ? std::string(AsText(directory->string_bytes())) : "";
    const std::string package = application == "megaco" ? "erlang-megaco" : "erlang-runtime-tools";
    ASSERT_TRUE(std::filesystem::exists(directory_ + "/" + driver + ".so"))
        << driver << ".so is missing: install the Debian package " << package;
    ExpectAsInErl(behaviours, *answers);
  }

  // The port, and the TCP port it listens on.
  std::pair<PortId, std::uint16_t> OpenTracePort(Actor& actor, const std::string& arguments) {
    actor.Load(directory_, "trace_ip_drv");
    const PortId port = actor.Open("{spawn_driver,\"trace_ip_drv " + arguments + "\"}", "[eof]");
    const auto reply = actor.Control(port, kListenPort, "");
    if (!reply || !reply->is(TermKind::kBinary) || reply->binary().size() != 3) {
      ADD_FAILURE() << "the driver does not say where it listens";
      return {port, 0};
    }
    const Bytes bytes = reply->binary();
    actor.Say(Term::Int(bytes[0]));
    return {port, static_cast<std::uint16_t>(bytes[1] << 8 | bytes[2])};
  }

  const ScratchDirectory scratch_;
  std::string directory_;
};

// ---- trace_file_drv ----

// The file's number stands after the base name; the driver is told at which offset.
Behaviour WrappedFiles(const std::string& scratch, const std::string& directory) {
  const auto ours = [&directory, scratch](Actor& actor) {
    const std::string folder = scratch + "/portlab";
    std::filesystem::create_directory(folder);
    actor.Load(directory, "trace_file_drv");
    const std::string base = folder + "/trace";
    const PortId port = actor.Open("{spawn_driver,\"trace_file_drv w 200 3 0 " +
                                       std::to_string(base.size()) + " n " + base + ".wrap\"}",
                                   "[eof]");
    for (int i = 1; i <= 14; ++i) {
      actor.Answer(
          actor.Command(port, Term::String(std::string(i * 7, static_cast<char>('a' + i)))));
    }
    actor.Answer(actor.Control(port, kFlush, ""));
    actor.Answer(actor.Control(port, 0, ""));
    actor.Files(folder);
    actor.Answer(actor.Command(port, Actor::Read("[<<\"after\">>,[],\" the flush\"]")));
    // A binary of more than 64 bytes is an element of its own in the io vector: two records.
    actor.Answer(actor.Command(
        port, Term::List({Term::Binary(std::string(70, 'x')), Term::String("tail")})));
    actor.Bang(port, Term::Atom("close"));
    actor.Take(2);
    actor.Files(folder);
  };
  return {"files that wrap", R"(
      Folder = Scratch ++ "/otp", ok = file:make_dir(Folder), load(runtime_tools, Driver),
      Base = Folder ++ "/trace",
      P = open({spawn_driver, lists:concat([Driver, " w 200 3 0 ", length(Base), " n ", Base, ".wrap"])}, [eof]),
      [answer(fun() -> port_command(P, lists:duplicate(I * 7, $a + I)) end) || I <- lists:seq(1, 14)],
      answer(fun() -> port_control(P, $f, "") end),
      answer(fun() -> port_control(P, 0, "") end),
      files(Folder),
      answer(fun() -> port_command(P, [list_to_binary("after"), [], " the flush"]) end),
      answer(fun() -> port_command(P, [list_to_binary(lists:duplicate(70, $x)), "tail"]) end),
      P ! {self(), close}, take(2), files(Folder))",
          ours};
}

Behaviour OneFile(const std::string& scratch, const std::string& directory) {
  const auto ours = [&directory, scratch](Actor& actor) {
    const std::string folder = scratch + "/portlab_one";
    std::filesystem::create_directory(folder);
    actor.Load(directory, "trace_file_drv");
    const PortId port =
        actor.Open("{spawn_driver,\"trace_file_drv n " + folder + "/trace\"}", "[eof]");
    for (int i = 1; i <= 1000; ++i) {
      const auto given = actor.Command(port, Term::Binary("five " + std::to_string(i)));
      if (!given) actor.Answer(given);
    }
    actor.Bang(port, Term::Atom("close"));
    actor.Take(2);
    actor.Files(folder);
  };
  return {"one file", R"(
      Folder = Scratch ++ "/otp_one", ok = file:make_dir(Folder), load(runtime_tools, Driver),
      P = open({spawn_driver, lists:concat([Driver, " n ", Folder, "/trace"])}, [eof]),
      [port_command(P, list_to_binary(["five ", integer_to_list(I)])) || I <- lists:seq(1, 1000)],
      P ! {self(), close}, take(2), files(Folder))",
          ours};
}

Behaviour FilesThatCannotBe(const std::string& directory) {
  const auto ours = [&directory](Actor& actor) {
    actor.Load(directory, "trace_file_drv");
    actor.Open(R"({spawn_driver,"trace_file_drv n /no/such/folder/trace"})", "[eof]");
    actor.Open(R"({spawn_driver,"trace_file_drv"})", "[eof]");
    actor.Open(R"({spawn_driver,"trace_file_drv w 200"})", "[eof]");
    actor.Open(R"({spawn_driver,"trace_file"})", "[eof]");
  };
  return {"files that cannot be", R"(
      load(runtime_tools, Driver),
      open({spawn_driver, "trace_file_drv n /no/such/folder/trace"}, [eof]),
      open({spawn_driver, "trace_file_drv"}, [eof]),
      open({spawn_driver, "trace_file_drv w 200"}, [eof]),
      open({spawn_driver, "trace_file"}, [eof]))",
          ours};
}

TEST_F(DebianDriversTest, TraceFilesAreEqualByteForByte) {
  Compare({WrappedFiles(scratch_.path(), directory_), OneFile(scratch_.path(), directory_),
           FilesThatCannotBe(directory_)},
          "runtime_tools", "trace_file_drv");
}

// ---- trace_ip_drv ----

TEST_F(DebianDriversTest, TracePortServesATcpClient) {
  constexpr std::size_t kTenRecords = 10 * 5 + 45;  // five bytes of frame each
  const auto client_first = [&](Actor& actor) {
    const auto [port, number] = OpenTracePort(actor, "0 20 2");
    TcpClient client(number);
    for (int i = 0; i < 10; ++i) {
      actor.Answer(actor.Command(port, Term::String(std::string(i, static_cast<char>('a' + i)))));
    }
    actor.Say(Term::Binary(client.Receive(kTenRecords)));
    actor.Bang(port, Term::Atom("close"));
    actor.Take(2);
    actor.Say(client.AtEnd());
  };
  const auto queue_first = [&](Actor& actor) {
    constexpr std::size_t kFiveRecords = 5 * 5 + 10;
    constexpr std::size_t kDropReport = 5;
    const auto [port, number] = OpenTracePort(actor, "0 5 2");
    for (int i = 0; i < 10; ++i) {
      actor.Answer(actor.Command(port, Term::String(std::string(i, static_cast<char>('a' + i)))));
    }
    TcpClient client(number);
    actor.Say(Term::Binary(client.Receive(kFiveRecords + kDropReport)));
    actor.Answer(actor.Command(port, Term::Binary("later")));
    actor.Say(Term::Binary(client.Receive(10)));
    actor.Bang(port, Term::Atom("close"));
    actor.Take(2);
    actor.Say(client.AtEnd());
  };
  const std::vector<Behaviour> behaviours = {{"a client reads ten records", R"(
      load(runtime_tools, Driver), P = open({spawn_driver, Driver ++ " 0 20 2"}, [eof]),
      <<K, N:16>> = port_control(P, $p, ""), say(K),
      {ok, S} = gen_tcp:connect({127,0,0,1}, N, [binary, {active, false}]),
      [answer(fun() -> port_command(P, lists:duplicate(I, $a + I)) end) || I <- lists:seq(0, 9)],
      {ok, B} = gen_tcp:recv(S, 95, 10000), say(B),
      P ! {self(), close}, take(2), say({error, closed} =:= gen_tcp:recv(S, 0, 10000)))",
                                              client_first},
                                             {"a queue that overflows before a client comes", R"(
      load(runtime_tools, Driver), P = open({spawn_driver, Driver ++ " 0 5 2"}, [eof]),
      <<K, N:16>> = port_control(P, $p, ""), say(K),
      [answer(fun() -> port_command(P, lists:duplicate(I, $a + I)) end) || I <- lists:seq(0, 9)],
      {ok, S} = gen_tcp:connect({127,0,0,1}, N, [binary, {active, false}]),
      {ok, B} = gen_tcp:recv(S, 40, 10000), say(B),
      answer(fun() -> port_command(P, <<"later">>) end),
      {ok, C} = gen_tcp:recv(S, 10, 10000), say(C),
      P ! {self(), close}, take(2), say({error, closed} =:= gen_tcp:recv(S, 0, 10000)))",
                                              queue_first}};
  Compare(behaviours, "runtime_tools", "trace_ip_drv");
}

TEST_F(DebianDriversTest, TracePortSendsMoreThanTheSocketTakesAtOnce) {
  constexpr int kRecords = 8;
  constexpr std::size_t kPayload = 500'000;
  const auto ours = [&](Actor& actor) {
    const auto [port, number] = OpenTracePort(actor, "0 50 2");
    TcpClient client(number);
    for (int i = 1; i <= kRecords; ++i) {
      actor.Answer(actor.Command(port, Term::Binary(std::string(kPayload, static_cast<char>(i)))));
    }
    actor.Adler(client.Receive(kRecords * (kPayload + 5)));
  };
  const auto wrong = [&](Actor& actor) {
    actor.Load(directory_, "trace_ip_drv");
    actor.Open(R"({spawn_driver,"trace_ip_drv"})", "[eof]");
    const PortId port = actor.Open(R"({spawn_driver,"trace_ip_drv 0 5 2"})", "[eof]");
    actor.Answer(actor.Control(port, 0, ""));
    actor.Answer(actor.Control(port, kFlush, ""));
  };
  Compare({{"four million bytes", R"(
      load(runtime_tools, Driver), P = open({spawn_driver, Driver ++ " 0 50 2"}, [eof]),
      <<K, N:16>> = port_control(P, $p, ""), say(K),
      {ok, S} = gen_tcp:connect({127,0,0,1}, N, [binary, {active, false}]),
      [answer(fun() -> port_command(P, binary:copy(<<I>>, 500000)) end) || I <- lists:seq(1, 8)],
      {ok, B} = gen_tcp:recv(S, 8 * 500005, 20000), adler(B))",
            ours},
           {"wrong commands", R"(
      load(runtime_tools, Driver), open({spawn_driver, Driver}, [eof]),
      P = open({spawn_driver, Driver ++ " 0 5 2"}, [eof]),
      answer(fun() -> port_control(P, 0, "") end), answer(fun() -> port_control(P, $f, "") end))",
            wrong}},
          "runtime_tools", "trace_ip_drv");
}

// ---- megaco_flex_scanner_drv_mt ----

constexpr const char* kMegacoMessages[] = {
    ("MEGACO/1 [124.124.124.222]:55555\n"
     "Transaction = 9998 { Context = - { ServiceChange = ROOT { Services {\n"
     "Method = Restart, ServiceChangeAddress = 55555, Profile = ResGW/1,\n"
     "Reason = \"901 Cold Boot\" } } } }"),
    ("!/1 <mg1.example.net>\n; a comment\nT=10003{C=${A=A4444{M{O{MO=SR,tdmc/ec=on,RV=OFF}}}"
     ",A=${M{L{\nv=0\nc=IN IP4 $\nm=audio $ RTP/AVP 4\na=ptime:30\n}}}}}"),
    "!/2 [1.2.3.4] P=1{C=7{N=4/*{OE=2222{20250101T22000001:al/of}}}}",
    "!/1 [1.2.3.4] T=1{C=${A=${M{L{\nm=audio 2222}}}}}",
    "\"no closing quote",
    "\x01",
    "",
};

TEST_F(DebianDriversTest, MegacoMessagesBecomeTheSameTokens) {
  std::vector<Behaviour> behaviours;
  int number = 0;
  for (const char* message : kMegacoMessages) {
    const auto ours = [this, message](Actor& actor) {
      actor.Load(directory_, "megaco_flex_scanner_drv_mt");
      const PortId port = actor.Open(R"({spawn_driver,"megaco_flex_scanner_drv_mt"})", "[binary]");
      const auto reply = actor.Control(port, kScan, message);
      actor.Answer(reply);
      if (reply && reply->is(TermKind::kNil)) actor.Take(1);
      actor.Quiet(20);
      actor.Answer(actor.Command(port, Term::Binary("x")));
      actor.Answer(actor.Close(port));
    };
    behaviours.push_back({"message " + std::to_string(++number),
                          "M = list_to_binary(" + Term::String(message).ToString() + R"(),
      load(megaco, Driver), P = open({spawn_driver, Driver}, [binary]),
      case port_control(P, $s, M) of [] -> say([]), take(1); E -> say(E) end, quiet(20),
      answer(fun() -> port_command(P, "x") end), answer(fun() -> port_close(P) end))",
                          ours});
  }
  Compare(std::move(behaviours), "megaco", "megaco_flex_scanner_drv_mt");
}

}  // namespace
}  // namespace portlab
