// emergency_close beside real OTP: which ends of a VM call it, of which ports, and when. OTP's ends
// are those of erlang:halt/1; ours the same ends as the emulator's own function, which a driver can
// call. The driver's emergency_close writes a line to stderr. Source: measured; driver_entry(3erl).
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <climits>
#include <cstdio>

#include "driver_api/beam.h"
#include "portlab/runtime.h"

namespace portlab {
namespace {

constexpr int kAbort = INT_MIN + 1;
constexpr int kExitWithDump = INT_MIN + 2;
constexpr const char* kOpen = "{spawn_driver,\"callback_probe_drv\"}";

struct End {
  const char* name;
  const char* halt;  // the argument of erlang:halt/1
  int status;        // of erts_exit
};

void PrintTo(const End& end, std::ostream* out) { *out << end.name; }

constexpr End kEnds[] = {{"dump", "\"an end\"", kExitWithDump},
                         {"abort", "abort", kAbort},
                         {"zero", "0", 0},
                         {"status", "3", 3}};

class EmergencyCloseTest : public testing::TestWithParam<End> {
 protected:
  // What a command printed before the report of a dump, the slogan among it.
  static std::string PrintedBy(const std::string& command) {
    std::string printed;
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr) return "no shell";
    for (int c; (c = std::fgetc(pipe)) != EOF;) {
      if (c != '\r') printed += static_cast<char>(c);
    }
    ::pclose(pipe);
    return Trimmed(printed.substr(0, printed.find("\n\nCrash dump")));
  }
  static std::string Trimmed(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }
  // Three ports, of which one is closed before the end.
  static std::string InErl(const End& end) {
    const std::string open = std::string("open_port(") + kOpen + ",[])";
    return PrintedBy(
        "exec env -u ERL_CRASH_DUMP_SECONDS ERL_CRASH_DUMP=/dev/null erl -noinput -eval '"
        "ok=erl_ddll:load_driver(\"" PORTLAB_DRIVERS "\",callback_probe_drv)," +
        open + "," + open + ",port_close(" + open + "),halt(" + end.halt + ").'");
  }
  [[noreturn]] static void EndAHost(const End& end) {
    Runtime runtime;
    ThreadProcess self(runtime.processes());
    (void)runtime.ddll().LoadDriverFile(PORTLAB_DRIVERS "/callback_probe_drv.so");
    PortId last;
    for (int i = 0; i < 3; ++i) last = runtime.OpenPort(*self, kOpen, "[]").value_or(PortId{});
    (void)runtime.PortClose(*self, last);
    ::erts_exit(end.status, "%s", end.status == kExitWithDump ? "an end\n" : "");
  }
  static std::string InPortlab(const End& end) {
    std::FILE* file = std::tmpfile();
    const pid_t child = ::fork();
    if (child == 0) {
      ::dup2(::fileno(file), STDERR_FILENO);
      EndAHost(end);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    std::string printed;
    std::rewind(file);
    for (int c; (c = std::fgetc(file)) != EOF;) printed += static_cast<char>(c);
    std::fclose(file);
    return Trimmed(printed);
  }
};

TEST_P(EmergencyCloseTest, IsCalledAsInErl) {
  const std::string theirs = InErl(GetParam());
  EXPECT_EQ(InPortlab(GetParam()), theirs);
  const bool dump = GetParam().status == kExitWithDump;
  EXPECT_EQ(theirs, dump ? "an end\ncallback: emergency_close\ncallback: emergency_close" : "");
}

INSTANTIATE_TEST_SUITE_P(Ends, EmergencyCloseTest, testing::ValuesIn(kEnds),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace portlab
