#include "reports/opening_cost/otp_probe.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

namespace portlab {
namespace {

constexpr int kStartPatienceMs = 8000;
constexpr int kSamplePatienceMs = 2000;

// Compiles the module that is its first plain argument, and runs it.
constexpr const char* kBoot =
    "[Text|_]=init:get_plain_arguments(),"
    "{ok,Tokens,_}=erl_scan:string(Text),"
    "Parse=fun P([],_)->[];"
    " P([{dot,_}=D|Rest],Form)->{ok,F}=erl_parse:parse_form(lists:reverse([D|Form])),[F|P(Rest,[])]"
    ";"
    " P([T|Rest],Form)->P(Rest,[T|Form]) end,"
    "{ok,Module,Code}=compile:forms(Parse(Tokens,[])),"
    "{module,Module}=code:load_binary(Module,\"\",Code),"
    "Module:run().";

// Answers each line of input, d or p, with a line that holds nanoseconds.
constexpr const char* kModule = R"erl(
-module(opening_cost).
-export([run/0]).
run() ->
    [_, Drivers, Program] = init:get_plain_arguments(),
    case erl_ddll:load_driver(Drivers, "echo_drv") of
        ok -> io:format("ready ~s~n", [erlang:system_info(otp_release)]);
        {error, Why} -> io:format("~s~n", [erl_ddll:format_error(Why)])
    end,
    loop(Program).
loop(Program) ->
    case io:get_line('') of
        "d\n" -> answer(fun() -> time(fun() -> drivers(64) end) div 64 end), loop(Program);
        "p\n" -> answer(fun() -> time(fun() -> program(Program) end) end), loop(Program);
        _ -> halt(0)
    end.
answer(Fun) ->
    {_, Monitor} = spawn_monitor(fun() -> exit({ns, Fun()}) end),
    receive
        {'DOWN', Monitor, process, _, {ns, Ns}} -> io:format("~w~n", [Ns]);
        {'DOWN', Monitor, process, _, Why} -> io:format("failed: ~0p~n", [Why])
    end.
time(Fun) ->
    Start = erlang:monotonic_time(nanosecond),
    Fun(),
    erlang:monotonic_time(nanosecond) - Start.
drivers(0) -> ok;
drivers(N) -> port_close(open_port({spawn_driver, "echo_drv"}, [])), drivers(N - 1).
program(File) ->
    Port = open_port({spawn_executable, File}, [exit_status]),
    receive {Port, {exit_status, 0}} -> ok end.
)erl";

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Result<Pipe> MakePipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Fail(Error::Errno(errno, "no pipe"));
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// Its end is seen as the end of its output. 0, or an errno value.
int SpawnErl(const Pipe& in, const Pipe& out, const std::string& drivers,
             const std::string& program, pid_t* pid) {
  const char* const argv[] = {"erl",   "-noshell",      "-eval",         kBoot,  "-extra",
                              kModule, drivers.c_str(), program.c_str(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&actions, in.read.get(), 0);
  ::posix_spawn_file_actions_adddup2(&actions, out.write.get(), 1);
  sigset_t defaults;
  ::sigemptyset(&defaults);
  ::sigaddset(&defaults, SIGPIPE);
  ::posix_spawnattr_setsigdefault(&attributes, &defaults);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  const int error =
      ::posix_spawnp(pid, "erl", &actions, &attributes, const_cast<char* const*>(argv), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return error;
}

}  // namespace

Result<OtpProbe> OtpProbe::Start(const std::string& drivers, const std::string& program) {
  auto in = MakePipe();
  auto out = MakePipe();
  if (!in || !out) return Fail(Error::General("no pipe for erl"));
  OtpProbe probe;
  const int error = SpawnErl(*in, *out, drivers, program, &probe.pid_);
  if (error != 0) {
    probe.pid_ = -1;
    return Fail(error == ENOENT ? Error::General("erl not found")
                                : Error::Errno(error, "erl cannot be started"));
  }
  probe.to_ = std::move(in->write);
  probe.from_ = std::move(out->read);
  out->write.Reset();
  const std::string line = probe.ReadLine(kStartPatienceMs);
  constexpr std::string_view kReady = "ready ";
  if (!line.starts_with(kReady)) {
    return Fail(Error::General(line.empty() ? "erl did not become ready" : "erl: " + line));
  }
  probe.release_ = line.substr(kReady.size());
  return probe;
}

OtpProbe::OtpProbe(OtpProbe&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      to_(std::move(other.to_)),
      from_(std::move(other.from_)),
      unread_(std::move(other.unread_)),
      release_(std::move(other.release_)) {}

OtpProbe::~OtpProbe() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::string OtpProbe::ReadLine(int patience_ms) {
  for (;;) {
    if (const auto end = unread_.find('\n'); end != std::string::npos) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    pollfd ready = {from_.get(), POLLIN, 0};
    char buffer[512];
    if (::poll(&ready, 1, patience_ms) <= 0) return "";
    const ssize_t got = ::read(from_.get(), buffer, sizeof buffer);
    if (got <= 0) return "";
    unread_.append(buffer, static_cast<std::size_t>(got));
  }
}

Result<double> OtpProbe::Ask(char what) {
  const char request[] = {what, '\n'};
  if (::write(to_.get(), request, sizeof request) != sizeof request) {
    return Fail(Error::General("erl has ended"));
  }
  const std::string line = ReadLine(kSamplePatienceMs);
  char* end = nullptr;
  const double ns = std::strtod(line.c_str(), &end);
  if (line.empty() || *end != '\0') {
    return Fail(Error::General(line.empty() ? "erl did not answer" : "erl: " + line));
  }
  return ns / 1000;
}

Result<double> OtpProbe::DriverUs() { return Ask('d'); }
Result<double> OtpProbe::ProgramUs() { return Ask('p'); }

}  // namespace portlab
