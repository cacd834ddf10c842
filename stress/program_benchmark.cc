// What external programs cost: one round for otp/programs_beside_otp.py.
//
//   program_benchmark --count N [--ballast-mib M] [--inline]
//
// Prints lines "case<TAB>sample", times in nanoseconds; a case and its floor take turns.
// --ballast-mib: the host has so much memory in use. --inline: the caller's thread does all of the
// runtime's work; echo cases only. Without it starts and echoes are a scheduled process's, as they
// are in Erlang. Exit status: 0, 1 when something did not run.
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "bif/open_port.h"
#include "bif/port_command.h"
#include "launch/program_pipes.h"
#include "launch/real_time.h"
#include "launch/start_program.h"
#include "portlab/runtime.h"
#include "term/parse.h"

namespace portlab {
namespace {

constexpr Nanos kPatience = 30'000 * kMillisecond;
constexpr int kStartsAtOnce = 32;
constexpr std::size_t kStreamPacket = 64 * 1024;
constexpr std::size_t kStreamPackets = 1024;  // of one sample

struct Arguments {
  int count = 100;
  std::size_t ballast_mib = 0;
  bool inline_work = false;
};

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "program_benchmark: %s\n", why.c_str());
  std::exit(1);
}

void Print(const char* name, double sample) { std::printf("%s\t%.1f\n", name, sample); }

template <class Function>
void Sample(const char* name, int operations, Function function) {
  const Nanos begin = RealNow();
  for (int i = 0; i < operations; ++i) function();
  Print(name, static_cast<double>(RealNow() - begin) / operations);
}

class Host {
 public:
  explicit Host(bool inline_work) : runtime_(OptionsFor(inline_work)), self_(runtime_.processes()) {
    self_->set_trap_exit(true);
  }
  PortId Open(const char* name, const char* options) {
    const Result<PortId> port = runtime_.OpenPort(*self_, name, options);
    if (!port) Die(std::string(name) + ": " + port.error().ToString());
    return *port;
  }
  Term Next() {
    std::optional<Term> message = self_->ReceiveUntil(MonotonicNow() + kPatience);
    if (!message) Die("no message");
    return *std::move(message);
  }
  // Until so many ports have ended.
  void AwaitExits(int count) {
    while (count > 0) {
      if (Next().tuple()[0].ToString() == "'EXIT'") --count;
    }
  }
  void Command(PortId port, const Term& data) {
    if (!runtime_.PortCommand(*self_, port, data)) Die("a command failed");
  }
  // The body of a scheduled process, as an Erlang process is one; until it returns.
  template <class Function>
  void Run(Function body) {
    const std::shared_ptr<Process> process = runtime_.processes().Spawn(body);
    const timespec pause = {0, 1'000'000};
    while (process->alive()) ::nanosleep(&pause, nullptr);
  }
  void Close(PortId port) {
    (void)runtime_.PortClose(*self_, port);
    AwaitExits(1);
  }

 private:
  static RuntimeOptions OptionsFor(bool inline_work) {
    RuntimeOptions options;
    options.spawn_server = PORTLAB_SPAWN_SERVER_PATH;
    options.work_in_caller = inline_work;
    if (inline_work) options.baton_seed = 1;
    return options;
  }

  Runtime runtime_;
  ThreadProcess self_;
};

const char kTiny[] = "{spawn_executable,\"" PORTLAB_TINY_PROGRAM "\"}";

const Term& Tiny() {
  static const Term name = *ParseTerm(kTiny);
  return name;
}

bool IsExit(const Term& message) { return message.is_tagged("EXIT", 3); }

void StartAndWait(Host& host) {
  host.Open(kTiny, "[exit_status]");
  host.AwaitExits(1);
}

void StartByHand() {
  char file[] = PORTLAB_TINY_PROGRAM;
  char* const argv[] = {file, nullptr};
  // Measuring vfork needs vfork. NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.vfork)
  const pid_t pid = ::vfork();
  if (pid == 0) {
    ::execve(file, argv, environ);
    ::_exit(127);
  }
  if (pid < 0 || ::waitpid(pid, nullptr, 0) != pid) Die("vfork");
}

Body Starts(Process& self, int count) {
  self.set_trap_exit(true);
  const Term options = Term::List({Term::Atom("exit_status")});
  for (int i = 0; i < count; ++i) {
    const Nanos begin = RealNow();
    if (!*co_await self.Until(OpenPort(self, Tiny(), options))) Die("a start failed");
    if (!co_await self.Receive(IsExit, MonotonicNow() + kPatience)) Die("no exit");
    Print("spawn", static_cast<double>(RealNow() - begin));
    Sample("spawn/floor", 1, StartByHand);
  }
}

Body StartsPerSecond(Process& self, int count) {
  self.set_trap_exit(true);
  const int programs = 10 * count;
  const Nanos begin = RealNow();
  int ended = 0;
  for (int i = 0; i < programs; ++i) {
    if (!*co_await self.Until(OpenPort(self, Tiny(), Term::Nil()))) Die("a start failed");
    if (i < kStartsAtOnce) continue;
    if (!co_await self.Receive(IsExit, MonotonicNow() + kPatience)) Die("no exit");
    ++ended;
  }
  for (; ended < programs; ++ended) {
    if (!co_await self.Receive(IsExit, MonotonicNow() + kPatience)) Die("no exit");
  }
  Print("starts/s", programs * 1e9 / static_cast<double>(RealNow() - begin));
}

// How long another thread, which only looks at the clock, is kept from that, at most, while a
// program starts; and in as long a time without one.
void Stalls(Host& host, int count) {
  std::atomic<Nanos> longest{0};
  std::atomic<bool> done{false};
  std::thread spinner([&] {
    Nanos before = RealNow();
    while (!done.load(std::memory_order_relaxed)) {
      const Nanos now = RealNow();
      if (now - before > longest.load(std::memory_order_relaxed)) longest.store(now - before);
      before = now;
    }
  });
  for (int i = 0; i < count; ++i) {
    longest.store(0);
    const Nanos begin = RealNow();
    StartAndWait(host);
    const Nanos took = RealNow() - begin;
    Print("stall", static_cast<double>(longest.load()));
    longest.store(0);
    const timespec pause = {took / 1'000'000'000, took % 1'000'000'000};
    ::nanosleep(&pause, nullptr);
    Print("stall/floor", static_cast<double>(longest.load()));
  }
  done.store(true);
  spinner.join();
}

// The echo program behind two pipes, an epoll and nothing else.
class BarePipes {
 public:
  BarePipes() {
    Result<Pipe> input = MakePipe();
    Result<Pipe> output = MakePipe();
    if (!input || !output) Die("pipe");
    StartSpec spec;
    spec.file = PORTLAB_ECHO_PROGRAM;
    spec.environment = EnvironmentWith({});
    spec.setup.fds = {{input->read_end.get(), 0}, {output->write_end.get(), 1}, {2, 2}};
    Result<StartedProgram> started = StartProgram(spec);
    if (!started) Die(started.error().ToString());
    program_ = std::move(*started);
    to_ = std::move(input->write_end);
    from_ = std::move(output->read_end);
    epoll_.Reset(::epoll_create1(EPOLL_CLOEXEC));
    epoll_event event = {};
    event.events = EPOLLIN;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, from_.get(), &event);
  }
  ~BarePipes() {
    to_.Reset();
    ReapProgram(program_);
  }
  BarePipes(const BarePipes&) = delete;
  BarePipes& operator=(const BarePipes&) = delete;

  // `frame` with its header. Less than a pipe holds and the program takes.
  void Echo(std::string& frame) {
    if (::write(to_.get(), frame.data(), frame.size()) != static_cast<ssize_t>(frame.size())) {
      Die("write");
    }
    std::size_t got = 0;
    while (got < frame.size()) {
      epoll_event event = {};
      ::epoll_wait(epoll_.get(), &event, 1, -1);
      const ssize_t size = ::read(from_.get(), frame.data() + got, frame.size() - got);
      if (size <= 0) Die("read");
      got += static_cast<std::size_t>(size);
    }
  }

 private:
  StartedProgram program_;
  UniqueFd to_;
  UniqueFd from_;
  UniqueFd epoll_;
};

constexpr const char* kEcho = "{spawn_executable,\"" PORTLAB_ECHO_PROGRAM "\"}";
constexpr const char* kEchoOptions = "[binary,{packet,4}]";
constexpr int kEchoesAtOnce = 50;

std::string FrameOf(std::size_t bytes) {
  return std::string{0, static_cast<char>(bytes >> 16), static_cast<char>(bytes >> 8),
                     static_cast<char>(bytes)} +
         std::string(bytes, 'x');
}

void Echoes(Host& host, int count, std::size_t bytes, const char* name, const char* floor) {
  const PortId port = host.Open(kEcho, kEchoOptions);
  const Term data = Term::Binary(std::string(bytes, 'x'));
  BarePipes pipes;
  std::string frame = FrameOf(bytes);
  for (int i = 0; i < count; ++i) {
    Sample(name, kEchoesAtOnce, [&] {
      host.Command(port, data);
      host.Next();
    });
    Sample(floor, kEchoesAtOnce, [&] { pipes.Echo(frame); });
  }
  host.Close(port);
}

// The same in a scheduled process.
Body ScheduledEchoes(Process& self, int count, std::size_t bytes, const char* name,
                     const char* floor) {
  self.set_trap_exit(true);
  const auto port =
      *co_await self.Until(OpenPort(self, *ParseTerm(kEcho), *ParseTerm(kEchoOptions)));
  if (!port) Die(port.error().ToString());
  const Term data = Term::Binary(std::string(bytes, 'x'));
  BarePipes pipes;
  std::string frame = FrameOf(bytes);
  for (int i = 0; i < count; ++i) {
    const Nanos begin = RealNow();
    for (int echo = 0; echo < kEchoesAtOnce; ++echo) {
      if (!*co_await self.Until(PortCommand(self, *port, data))) Die("a command failed");
      if (!co_await self.Receive({}, MonotonicNow() + kPatience)) Die("no echo");
    }
    Print(name, static_cast<double>(RealNow() - begin) / kEchoesAtOnce);
    Sample(floor, kEchoesAtOnce, [&] { pipes.Echo(frame); });
  }
}

void Stream(Host& host, int count) {
  const PortId port = host.Open("{spawn,\"cat > /dev/null\"}", "[out,binary,{packet,4}]");
  const Term data = Term::Binary(std::string(kStreamPacket, 'x'));
  for (int i = 0; i < std::max(1, count / 20); ++i) {
    const Nanos begin = RealNow();
    for (std::size_t packet = 0; packet < kStreamPackets; ++packet) host.Command(port, data);
    const double seconds = static_cast<double>(RealNow() - begin) / 1e9;
    Print("stream GiB/s", kStreamPacket * kStreamPackets / seconds / (1 << 30));
  }
  host.Close(port);
}

Arguments Parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--inline") {
      arguments.inline_work = true;
    } else if (word == "--count" && i + 1 < argc) {
      arguments.count = std::max(1, std::atoi(argv[++i]));
    } else if (word == "--ballast-mib" && i + 1 < argc) {
      arguments.ballast_mib = std::strtoul(argv[++i], nullptr, 10);
    } else {
      std::fprintf(stderr, "usage: program_benchmark --count N [--ballast-mib M] [--inline]\n");
      std::exit(2);
    }
  }
  return arguments;
}

}  // namespace

int Main(int argc, char** argv) {
  const Arguments arguments = Parse(argc, argv);
  // Touched, not only reserved.
  const std::vector<char> ballast(arguments.ballast_mib << 20, 'x');
  Host host(arguments.inline_work);
  if (arguments.inline_work) {
    Echoes(host, arguments.count, 16, "echo 16 B inline", "echo 16 B inline/floor");
    Echoes(host, arguments.count, 65536, "echo 64 KiB inline", "echo 64 KiB inline/floor");
    return 0;
  }
  const int count = arguments.count;
  StartAndWait(host);
  host.Run([count](Process& self) { return Starts(self, count); });
  if (arguments.ballast_mib != 0) return 0;
  host.Run([count](Process& self) { return StartsPerSecond(self, count); });
  Stalls(host, count);
  host.Run([count](Process& self) {
    return ScheduledEchoes(self, count, 16, "echo 16 B", "echo 16 B/floor");
  });
  host.Run([count](Process& self) {
    return ScheduledEchoes(self, count, 65536, "echo 64 KiB", "echo 64 KiB/floor");
  });
  Stream(host, arguments.count);
  return 0;
}

}  // namespace portlab

int main(int argc, char** argv) { return portlab::Main(argc, argv); }
