// What the life of a port costs, each step beside its floor (harness/ratio_report.h): goals G1, G3,
// G5, G6 and G9 of performance.md. Beside real OTP: stress/otp/beside_otp.py.
//
//   port_benchmark --ratios          one line for each pair
//   port_benchmark --benchmark_…     the single figures
//
// One thread; the zoo's echo driver; a real-threads runtime. The program is statically linked where
// libc can be, so that its own start-up is small.
#include <benchmark/benchmark.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "port/port_table.h"
#include "portlab/runtime.h"
#include "stress/harness/ratio_report.h"

namespace portlab {
namespace {

constexpr std::size_t kPayloadBytes = 16;
constexpr Nanos kPatience = 10'000 * kMillisecond;
const char kPayload[] = "0123456789abcdef";

class EchoHost {
 public:
  // The one runtime of this process; never destroyed, so that it ends with the process.
  static EchoHost& Get() {
    static auto* host = new EchoHost;
    return *host;
  }

  Runtime& runtime() { return runtime_; }
  Process& self() { return *self_; }
  Result<PortId> Open() { return runtime_.OpenPort(*self_, echo_, binary_); }
  // A port whose driver has outputv.
  Result<PortId> OpenVectored() { return runtime_.OpenPort(*self_, payload_, binary_); }

 private:
  static RuntimeOptions Options() {
    RuntimeOptions options;
    options.limits.scheduler_threads = 1;
    options.spawn_server = PORTLAB_SPAWN_SERVER_PATH;
    return options;
  }
  EchoHost() : runtime_(Options()), self_(runtime_.processes()) {
    for (const char* file : {PORTLAB_ECHO_DRIVER, PORTLAB_PAYLOAD_DRIVER}) {
      auto loaded = runtime_.ddll().LoadDriverFile(file);
      if (loaded) continue;
      std::fprintf(stderr, "port_benchmark: %s\n", loaded.error().ToString().c_str());
      std::exit(1);
    }
  }

  Runtime runtime_;
  ThreadProcess self_;
  const Term echo_ = Term::Tuple({Term::Atom("spawn_driver"), Term::String("echo_drv")});
  const Term payload_ = Term::Tuple({Term::Atom("spawn_driver"), Term::String("payload_drv")});
  const Term binary_ = Term::List({Term::Atom("binary")});
};

// An open port, of echo_drv if not told otherwise, for the time of a benchmark.
class EchoPort {
 public:
  explicit EchoPort(benchmark::State& state) : EchoPort(state, EchoHost::Get().Open()) {}
  EchoPort(benchmark::State& state, const Result<PortId>& port) {
    if (port) {
      id_ = *port;
    } else {
      state.SkipWithError("the driver did not open");
    }
  }
  ~EchoPort() {
    EchoHost& host = EchoHost::Get();
    if (id_) (void)host.runtime().PortClose(host.self(), id_);
  }
  EchoPort(const EchoPort&) = delete;
  EchoPort& operator=(const EchoPort&) = delete;
  PortId id() const { return id_; }

 private:
  PortId id_;
};

// ---- open+close. Its floor: a slot of the table, and calls through two pointers. ----

void OpenClose(benchmark::State& state) {
  EchoHost& host = EchoHost::Get();
  for (auto _ : state) {
    const Result<PortId> port = host.Open();
    if (!port || !host.runtime().PortClose(host.self(), *port)) {
      state.SkipWithError("echo_drv did not open and close");
      break;
    }
  }
}
BENCHMARK(OpenClose)->Name("open+close");

// About the hot part of a port.
struct HotPart {
  std::uint64_t words[16] = {};
};

void* Start(std::uint64_t number) { return reinterpret_cast<void*>(number); }
void Stop(void* data) { benchmark::DoNotOptimize(data); }
// Volatile, so that no compiler sees what is called.
void* (*volatile the_start)(std::uint64_t) = Start;
void (*volatile the_stop)(void*) = Stop;

void OpenCloseFloor(benchmark::State& state) {
  static PortTable<HotPart> table(kPortLimitDefault);
  for (auto _ : state) {
    const Result<PortId> id =
        table.Acquire([](HotPart& part, PortId new_id) { part.words[0] = new_id.number; });
    if (!id) {
      state.SkipWithError("the table refused");
      break;
    }
    the_stop(the_start(id->number));
    table.Release(*id);
  }
}
BENCHMARK(OpenCloseFloor)->Name("open+close/floor");

// ---- control, 16 bytes there and back. Its floor: a mutex, and a call through a pointer. ----

void Control(benchmark::State& state) {
  EchoHost& host = EchoHost::Get();
  const EchoPort port(state);
  const Bytes payload = AsBytes(std::string_view(kPayload, kPayloadBytes));
  for (auto _ : state) {
    const Result<Term> reply = host.runtime().PortControl(host.self(), port.id(), 0, payload);
    if (!reply || !reply->is(TermKind::kString)) {
      state.SkipWithError("echo_drv did not reply");
      break;
    }
  }
}
BENCHMARK(Control)->Name("control 16 B");

long Copy(const char* bytes, std::size_t size, char* reply) {
  std::memcpy(reply, bytes, size);
  return static_cast<long>(size);
}
long (*volatile the_control)(const char*, std::size_t, char*) = Copy;

void ControlFloor(benchmark::State& state) {
  std::mutex mutex;
  char reply[kPayloadBytes];
  for (auto _ : state) {
    const std::lock_guard lock(mutex);
    benchmark::DoNotOptimize(the_control(kPayload, kPayloadBytes, reply));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(ControlFloor)->Name("control 16 B/floor");

// ---- command to message, 16 bytes. Its floor: a block of memory through a queue. ----

void CommandToMessage(benchmark::State& state) {
  EchoHost& host = EchoHost::Get();
  const EchoPort port(state);
  const Term payload = Term::Binary(std::string_view(kPayload, kPayloadBytes));
  for (auto _ : state) {
    const Result<bool> sent = host.runtime().PortCommand(host.self(), port.id(), payload);
    const std::optional<Term> message = host.self().TryReceive();
    if (!sent || !message) {
      state.SkipWithError("echo_drv did not echo");
      break;
    }
  }
}
BENCHMARK(CommandToMessage)->Name("command -> message 16 B");

void CommandToMessageFloor(benchmark::State& state) {
  std::deque<std::unique_ptr<char[]>> queue;
  for (auto _ : state) {
    auto block = std::make_unique<char[]>(kPayloadBytes);
    std::memcpy(block.get(), kPayload, kPayloadBytes);
    queue.push_back(std::move(block));
    benchmark::DoNotOptimize(queue.front().get());
    queue.pop_front();
  }
}
BENCHMARK(CommandToMessageFloor)->Name("command -> message 16 B/floor");

// ---- outputv: a binary there and back, shared and not copied, whatever its size. Its floor: a
// counted block through a queue. ----

void Outputv(benchmark::State& state, std::size_t bytes) {
  EchoHost& host = EchoHost::Get();
  const EchoPort port(state, host.OpenVectored());
  const Term payload = Term::Binary(std::string(bytes, 'x'));
  for (auto _ : state) {
    const Result<bool> sent = host.runtime().PortCommand(host.self(), port.id(), payload);
    const std::optional<Term> message = host.self().TryReceive();
    if (!sent || !message) {
      state.SkipWithError("payload_drv did not echo");
      break;
    }
  }
}

void OutputvFloor(benchmark::State& state, std::size_t bytes) {
  std::deque<std::shared_ptr<std::string>> queue;
  const auto block = std::make_shared<std::string>(bytes, 'x');
  for (auto _ : state) {
    queue.push_back(block);
    benchmark::DoNotOptimize(queue.front().get());
    queue.pop_front();
  }
}

// Google Benchmark puts a slash before the name of an argument, and a floor ends in one.
#define PORTLAB_OUTPUTV(name, bytes)                                                              \
  [[maybe_unused]] const auto* outputv_##bytes =                                                  \
      benchmark::RegisterBenchmark(name, [](benchmark::State& state) { Outputv(state, bytes); }); \
  [[maybe_unused]] const auto* outputv_floor_##bytes = benchmark::RegisterBenchmark(              \
      name "/floor", [](benchmark::State& state) { OutputvFloor(state, bytes); })
PORTLAB_OUTPUTV("outputv 16 B", 16);
PORTLAB_OUTPUTV("outputv 4 KiB", 4096);
PORTLAB_OUTPUTV("outputv 64 KiB", 65536);

// ---- start of a program to its exit status. Its floor: vfork, exec and wait. ----

// The program's exit status; nullopt: it did not start, or nothing came.
std::optional<std::int64_t> RunProgram(EchoHost& host, const Term& name, const Term& options) {
  const Result<PortId> port = host.runtime().OpenPort(host.self(), name, options);
  if (!port) return std::nullopt;
  const auto is_status = [](const Term& message) {
    return message.is(TermKind::kTuple) && message.tuple().size() == 2 &&
           message.tuple()[1].is_tagged("exit_status", 2);
  };
  const auto message = host.self().ReceiveUntil(MonotonicNow() + kPatience, is_status);
  if (!message) return std::nullopt;
  return message->tuple()[1].tuple()[1].as_int();
}

void SpawnToStatus(benchmark::State& state) {
  EchoHost& host = EchoHost::Get();
  const Term name =
      Term::Tuple({Term::Atom("spawn_executable"), Term::String(PORTLAB_TINY_PROGRAM)});
  const Term options = Term::List({Term::Atom("exit_status")});
  for (auto _ : state) {
    if (RunProgram(host, name, options) != 0) {
      state.SkipWithError("the program did not exit with 0");
      break;
    }
  }
}
BENCHMARK(SpawnToStatus)->Name("spawn -> exit status")->UseRealTime();

void SpawnFloor(benchmark::State& state) {
  char file[] = PORTLAB_TINY_PROGRAM;
  char* const argv[] = {file, nullptr};
  for (auto _ : state) {
    // Measuring vfork needs vfork. NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.vfork)
    const pid_t pid = ::vfork();
    if (pid == 0) {
      ::execve(file, argv, environ);
      ::_exit(127);
    }
    int status = -1;
    if (pid < 0 || ::waitpid(pid, &status, 0) != pid || status != 0) {
      state.SkipWithError("the program did not exit with 0");
      break;
    }
  }
}
BENCHMARK(SpawnFloor)->Name("spawn -> exit status/floor")->UseRealTime();

}  // namespace
}  // namespace portlab

int main(int argc, char** argv) { return portlab::BenchmarkMain(argc, argv); }
