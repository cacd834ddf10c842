#include "stress/harness/churn.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "base/ordered_thread.h"
#include "base/random.h"

namespace portlab {
namespace {

enum class Operation : std::uint8_t { kOpen, kGeneral, kErrno, kBadarg, kProgram, kClose };

constexpr std::size_t kPlaces = 32;  // ports one thread holds at most
constexpr Nanos kPatience = 60'000 * kMillisecond;

// One thread of the churn: an Erlang process that opens into and closes from its own places.
class Worker {
 public:
  Worker(Runtime& runtime, const ChurnPlan& plan, int index, std::uint64_t rounds)
      : runtime_(runtime),
        plan_(plan),
        random_(plan.seed * 1000003 + static_cast<std::uint64_t>(index)),
        rounds_(rounds) {}

  void Run(std::atomic<std::uint64_t>& done) {
    ThreadProcess self(runtime_.processes());
    self->set_trap_exit(true);
    for (std::uint64_t round = 0; round < rounds_;) {
      const Operation operation = Choose();
      const std::size_t place = random_.Below(kPlaces);
      Note(operation, place);
      if (operation == Operation::kClose) {
        Close(*self, place);
        continue;
      }
      ++round;
      Open(*self, operation, place);
      done.fetch_add(1, std::memory_order_relaxed);
      while (self->TryReceive()) {
      }
    }
    for (std::size_t place = 0; place < kPlaces; ++place) Close(*self, place);
  }

  std::uint64_t digest() const { return digest_; }
  const ChurnReport& report() const { return report_; }

 private:
  Operation Choose() {
    if (random_.OneIn(3)) return Operation::kClose;
    const auto percent = static_cast<int>(random_.Below(100));
    if (percent < plan_.program_percent) return Operation::kProgram;
    if (percent >= plan_.program_percent + plan_.failed_start_percent) return Operation::kOpen;
    constexpr Operation kFailing[] = {Operation::kGeneral, Operation::kErrno, Operation::kBadarg};
    return kFailing[random_.Below(3)];
  }

  void Note(Operation operation, std::size_t place) {
    digest_ =
        (digest_ ^ (static_cast<std::uint64_t>(operation) * kPlaces + place)) * 0x100000001b3u;
  }

  void Broken(const std::string& text) {
    if (report_.broken.size() < 10) report_.broken.push_back(text);
  }

  void Open(Process& self, Operation operation, std::size_t place) {
    Close(self, place);
    if (operation == Operation::kProgram) return CrashProgram(self);
    static constexpr const char* kWords[] = {"ok", "general", "errno", "badarg"};
    static constexpr const char* kReasons[] = {"", "einval", "enotty", "badarg"};
    const auto index = static_cast<std::size_t>(operation);
    const Term name = Term::Tuple(
        {Term::Atom("spawn_driver"), Term::String(std::string("churn_drv ") + kWords[index])});
    auto port = runtime_.OpenPort(self, name, Term::Nil());
    if (port) {
      if (operation != Operation::kOpen) Broken("a start that fails opened a port");
      places_[place] = *port;
      ++report_.opened;
    } else if (port.error().Reason() == "system_limit") {
      ++report_.refused_by_limit;
    } else if (operation != Operation::kOpen && port.error().Reason() == kReasons[index]) {
      ++report_.refused_by_start;
    } else {
      Broken("open_port: unexpected " + port.error().ToString());
    }
  }

  void Close(Process& self, std::size_t place) {
    if (!places_[place]) return;
    if (!runtime_.PortClose(self, places_[place])) Broken("port_close of an open port failed");
    places_[place] = PortId{};
  }

  void CrashProgram(Process& self) {
    const Term name =
        Term::Tuple({Term::Atom("spawn_executable"), Term::String(plan_.program_file)});
    static const Term options =
        Term::List({Term::Tuple({Term::Atom("packet"), Term::Int(4)}), Term::Atom("exit_status"),
                    Term::Atom("binary"),
                    Term::Tuple({Term::Atom("args"), Term::List({Term::String("armed")})})});
    auto port = runtime_.OpenPort(self, name, options);
    if (!port) {
      if (port.error().Reason() == "system_limit") {
        ++report_.refused_by_limit;
      } else {
        Broken("open_port of the program: " + port.error().ToString());
      }
      return;
    }
    runtime_.PortCommand(self, *port, Term::Binary("fire"));
    const Nanos deadline = MonotonicNow() + kPatience;
    const Term self_term = Term::Of(*port);
    auto status = self.ReceiveUntil(deadline, [&](const Term& message) {
      return message.is(TermKind::kTuple) && message.tuple()[0] == self_term &&
             message.tuple()[1].is_tagged("exit_status", 2);
    });
    auto exit = self.ReceiveUntil(deadline, [&](const Term& message) {
      return message.is_tagged("EXIT", 3) && message.tuple()[1] == self_term;
    });
    if (!status || !exit) {
      Broken("a crashed program's end was never reported");
    } else if (status->tuple()[1].tuple()[1].as_int().value_or(0) < 128) {
      Broken("a program that crashes ended with " + status->ToString());
    } else {
      ++report_.programs_crashed;
    }
  }

  Runtime& runtime_;
  const ChurnPlan& plan_;
  Random random_;
  const std::uint64_t rounds_;
  std::uint64_t digest_ = 0xcbf29ce484222325u;
  PortId places_[kPlaces];
  ChurnReport report_;
};

void Add(ChurnReport& sum, const Worker& worker) {
  const ChurnReport& part = worker.report();
  sum.opened += part.opened;
  sum.refused_by_start += part.refused_by_start;
  sum.refused_by_limit += part.refused_by_limit;
  sum.programs_crashed += part.programs_crashed;
  sum.operation_digests.push_back(worker.digest());
  sum.broken.insert(sum.broken.end(), part.broken.begin(), part.broken.end());
}

void Expect(ChurnReport& report, const std::string& what, std::uint64_t expected,
            std::uint64_t seen) {
  if (expected != seen) {
    report.broken.push_back(what + ": expected " + std::to_string(expected) + ", is " +
                            std::to_string(seen));
  }
}

// The driver's own numbers, from one more port of it.
void CheckDriver(Runtime& runtime, Process& self, ChurnReport& report) {
  auto port = runtime.OpenPort(self, "{spawn_driver,\"churn_drv ok\"}", "[]");
  if (!port) {
    report.broken.push_back("no port can be opened when all is quiet: " + port.error().ToString());
    return;
  }
  auto reply = runtime.PortControl(self, *port, 1, {});
  const std::string text = reply ? FlattenIodata(*reply).value_or("") : "";
  unsigned long long starts = 0, refused = 0, stops = 0;
  if (std::sscanf(text.c_str(), "%llu %llu %llu", &starts, &refused, &stops) != 3) {
    report.broken.push_back("the driver does not tell its counts");
    return;
  }
  Expect(report, "starts the driver counted", report.opened + 1, starts);
  Expect(report, "refused starts the driver counted", report.refused_by_start, refused);
  Expect(report, "stops the driver counted", report.opened, stops);
  runtime.PortClose(self, *port);
}

// As many ports as the limit can be opened, and not one more: no slot was lost, none doubled.
void CheckSlots(Runtime& runtime, Process& self, ChurnReport& report) {
  std::vector<PortId> ports;
  for (;;) {
    auto port = runtime.OpenPort(self, "{spawn_driver,\"churn_drv ok\"}", "[]");
    if (!port) {
      if (port.error().Reason() != "system_limit")
        report.broken.push_back("filling up: " + port.error().ToString());
      break;
    }
    ports.push_back(*port);
    if (ports.size() > runtime.port_limit()) break;
  }
  Expect(report, "ports that fit", runtime.port_limit(), ports.size());
  Expect(report, "ports listed when full", runtime.port_limit(), runtime.Ports().size());
  for (PortId port : ports) runtime.PortClose(self, port);
}

}  // namespace

Result<ChurnReport> RunChurn(Runtime& runtime, const ChurnPlan& plan,
                             void (*progress)(std::uint64_t done)) {
  auto loaded = runtime.ddll().LoadDriverFile(plan.driver_file);
  if (!loaded) return Fail(loaded.error());
  ThreadProcess self(runtime.processes());
  self->set_trap_exit(true);
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<OrderedThread> threads;
  std::atomic<std::uint64_t> done{0};
  const auto count = static_cast<std::uint64_t>(plan.threads);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t rounds = plan.rounds / count + (i < plan.rounds % count ? 1 : 0);
    workers.push_back(std::make_unique<Worker>(runtime, plan, static_cast<int>(i), rounds));
  }
  for (auto& worker : workers)
    threads.emplace_back("churn", [&done, &worker] { worker->Run(done); });
  while (progress != nullptr && done.load() < plan.rounds) {
    self->ReceiveUntil(MonotonicNow() + 500 * kMillisecond, [](const Term&) { return false; });
    progress(done.load());
  }
  for (auto& thread : threads) thread.Join();

  ChurnReport report;
  for (const auto& worker : workers) Add(report, *worker);
  Expect(report, "port_count when all is quiet", 0, runtime.port_count());
  Expect(report, "ports listed when all is quiet", 0, runtime.Ports().size());
  Expect(report, "the driver record's ports", 0,
         static_cast<std::uint64_t>(runtime.ddll().Info("churn_drv")->port_count));
  CheckDriver(runtime, *self, report);
  CheckSlots(runtime, *self, report);
  Expect(report, "port_count at the end", 0, runtime.port_count());
  return report;
}

}  // namespace portlab
