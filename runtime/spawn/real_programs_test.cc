// Programs as they are found on a machine: OTP's own port programs, and ordinary ones.
#include <glob.h>
#include <unistd.h>

#include "portlab/program.h"
#include "testing/port_test.h"

namespace portlab {
namespace {

class RealProgramsTest : public PortTest {
 protected:
  // The first file the pattern matches.
  static std::string Find(const char* pattern) {
    glob_t found = {};
    std::string path;
    if (::glob(pattern, 0, nullptr, &found) == 0) path = found.gl_pathv[0];
    ::globfree(&found);
    EXPECT_FALSE(path.empty()) << pattern << ": ./lab installs what has it";
    return path;
  }
  PortId Run(const std::string& file, const std::string& options) {
    return Open("{spawn_executable,\"" + file + "\"}", "[" + options + "]");
  }
  // The bytes of the next {Port,{data,Binary}}.
  std::string Data() {
    const auto message = self().ReceiveUntil(MonotonicNow() + 20'000 * kMillisecond);
    if (!message || !message->tuple()[1].is_tagged("data", 2)) {
      ADD_FAILURE() << (message ? message->ToString() : "nothing");
      return {};
    }
    return std::string(AsText(message->tuple()[1].tuple()[1].binary()));
  }
  std::string DataUpTo(std::string_view end) {
    std::string text;
    while (text.find(end) == std::string::npos) {
      const std::string more = Data();
      if (more.empty()) break;
      text += more;
    }
    return text;
  }
  void CloseInput(PortId port) {
    EXPECT_TRUE(runtime_.PortControl(self(), port, kProgramCloseInput, {}));
  }
};

using std::string_literals::operator""s;

TEST_F(RealProgramsTest, InetGethostResolvesLocalhost) {
  const PortId port =
      Run(Find("/usr/lib/erlang/erts-*/bin/inet_gethost"), "{args,[\"4\"]},{packet,4},eof,binary");
  // Request number, OP_GETHOSTBYNAME, PROTO_IPV4, the name.
  EXPECT_TRUE(Command(port, "\0\0\0\7\1\1localhost\0"s));
  const std::string reply = Data();
  ASSERT_GT(reply.size(), 13u);
  EXPECT_EQ(reply.substr(0, 4), "\0\0\0\7"s);
  EXPECT_NE(reply.find("\x7f\0\0\1"s), std::string::npos);
  EXPECT_NE(reply.find("localhost"), std::string::npos);
}

TEST_F(RealProgramsTest, HeartStartsBeatsAndClears) {
  const PortId port = Run(Find("/usr/lib/erlang/erts-*/bin/heart"),
                          "{args,[\"-ht\",\"60\"]},{packet,2},binary,exit_status,"
                          "{env,[{\"HEART_COMMAND\",false}]}");
  EXPECT_EQ(Data(), "\1") << "the acknowledgement of its start";
  EXPECT_TRUE(Command(port, "\2"));            // HEART_BEAT, without an answer
  EXPECT_TRUE(Command(port, "\4echo again"));  // SET_CMD
  EXPECT_EQ(Data(), "\1");
  EXPECT_TRUE(Command(port, "\6"));  // GET_CMD
  EXPECT_EQ(Data(), "\7echo again");
  EXPECT_TRUE(Command(port, "\5"));  // CLEAR_CMD
  EXPECT_EQ(Data(), "\1");
  EXPECT_TRUE(Command(port, "\3"));  // SHUT_DOWN
  EXPECT_EQ(Next(), "{P,{exit_status,0}}");
}

TEST_F(RealProgramsTest, MemsupCountsMemory) {
  const PortId port =
      Run(Find("/usr/lib/erlang/lib/os_mon-*/priv/bin/memsup"), "{packet,1},binary");
  EXPECT_TRUE(Command(port, "\1"));  // SHOW_MEM: used and total, in hexadecimal
  EXPECT_GT(std::strtoull(Data().c_str(), nullptr, 16), 0u);
  EXPECT_GT(std::strtoull(Data().c_str(), nullptr, 16), 0u);
}

TEST_F(RealProgramsTest, CpuSupAnswersAPing) {
  const PortId port = Run(Find("/usr/lib/erlang/lib/os_mon-*/priv/bin/cpu_sup"), "binary");
  EXPECT_TRUE(Command(port, "p"));
  EXPECT_EQ(Data(), "\x00\x00\x12\x67"s) << "4711";
  EXPECT_TRUE(Command(port, "n"));
  EXPECT_EQ(Data().size(), 4u) << "the number of processes";
}

TEST_F(RealProgramsTest, CatSortAndGzip) {
  const PortId cat = Open("{spawn,\"cat -n\"}", "[binary]");
  EXPECT_TRUE(Command(cat, "line\n"));
  EXPECT_EQ(Data(), "     1\tline\n");
  const PortId sort = Open("{spawn,\"sort -n\"}", "[binary,exit_status]");
  EXPECT_TRUE(Command(sort, "10\n9\n"));
  CloseInput(sort);
  EXPECT_EQ(Data(), "9\n10\n");
  EXPECT_EQ(Next(), "{P,{exit_status,0}}");
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
  const PortId gzip = Open("{spawn,\"gzip -c | gunzip -c\"}", "[binary,exit_status]");
  const std::string much(300'000, 'z');
  EXPECT_TRUE(Command(gzip, much));
  CloseInput(gzip);
  std::string last;
  EXPECT_EQ(AllData(&last), much);
  EXPECT_EQ(last, "{exit_status,0}");
}

TEST_F(RealProgramsTest, BcAndSqliteCalculate) {
  const PortId bc = Open("{spawn,\"bc\"}", "[binary,{line,100}]");
  EXPECT_TRUE(Command(bc, "2^100\n"));
  EXPECT_EQ(Next(), "{P,{data,{eol,<<\"1267650600228229401496703205376\">>}}}");
  const PortId sqlite = Open("{spawn,\"sqlite3 :memory:\"}", "[binary,{line,100}]");
  EXPECT_TRUE(Command(sqlite, "create table t(x); insert into t values(6),(7);\n"));
  EXPECT_TRUE(Command(sqlite, "select sum(x) from t;\n"));
  EXPECT_EQ(Next(), "{P,{data,{eol,<<\"13\">>}}}");
  EXPECT_TRUE(Command(sqlite, ".quit\n"));
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
}

TEST_F(RealProgramsTest, PythonAndShellAreInteractive) {
  const PortId python =
      Open("{spawn,\"/usr/bin/env python3 -i -q\"}", "[binary,stderr_to_stdout,exit_status]");
  EXPECT_TRUE(Command(python, "print(6*7)\n"));
  EXPECT_NE(DataUpTo("42\n").find("42\n"), std::string::npos);
  EXPECT_TRUE(Command(python, "exit(3)\n"));
  std::string last;
  AllData(&last);
  EXPECT_EQ(last, "{exit_status,3}");
  EXPECT_EQ(Next(), "{'EXIT',P,normal}");
  const PortId shell = Open("{spawn,\"sh\"}", "[binary,exit_status]");
  EXPECT_TRUE(Command(shell, "x=5; echo $((x*x))\n"));
  EXPECT_EQ(Data(), "25\n");
  EXPECT_TRUE(Command(shell, "exit 4\n"));
  EXPECT_EQ(Next(), "{P,{exit_status,4}}");
}

}  // namespace
}  // namespace portlab
