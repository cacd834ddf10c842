#include "stress/harness/crowd.h"

#include <filesystem>
#include <memory>
#include <sstream>

#include "base/binary_block.h"
#include "base/ordered_thread.h"
#include "base/random.h"
#include "driver/driver_memory.h"

namespace portlab {
namespace {

enum Operation : std::uint32_t { kStart = 1, kAsync, kTimer, kFail, kCounts, kCollect };

constexpr std::size_t kPlaces = 8;  // ports one thread holds at most
constexpr Nanos kPatience = 60'000 * kMillisecond;

Term NameOf(const std::string& driver) {
  return Term::Tuple({Term::Atom("spawn_driver"), Term::String(driver)});
}

// One process of the crowd: opens ports, uses and ends them, and gets what they send. It outlives
// its thread: what outlives its port sends until the very end.
class Member {
 public:
  Member(Runtime& runtime, const std::string& driver, std::uint64_t seed, std::uint64_t rounds)
      : runtime_(runtime),
        name_(NameOf(driver)),
        random_(seed),
        rounds_(rounds),
        self_(runtime.processes()) {
    self_->set_trap_exit(true);
  }

  void Run() {
    for (std::uint64_t round = 0; round < rounds_; ++round) {
      const std::size_t place = random_.Below(kPlaces);
      End(places_[place]);
      if (random_.OneIn(8)) {
        WithAnOwnerThatEnds();
      } else {
        places_[place] = Open();
      }
      for (const PortId port : places_) Use(port);
      Drain();
    }
    for (PortId& port : places_) End(port);
  }

  void Drain() {
    while (const auto message = self_->TryReceive()) Count(*message);
  }
  Process& self() const { return *self_; }

  std::uint64_t opened = 0;
  std::int64_t collected = 0, owned = 0, data = 0, exits = 0, others = 0;
  std::string trouble;

 private:
  PortId Open() {
    const auto port = runtime_.OpenPort(*self_, name_, Term::Nil());
    if (!port) {
      trouble = "open_port: " + port.error().ToString();
      return PortId{};
    }
    ++opened;
    (void)runtime_.PortControl(*self_, *port, kStart, AsBytes("o"));
    return *port;
  }

  // Its port ends with it; what the port sends to its collector arrives here.
  void WithAnOwnerThatEnds() {
    ThreadProcess owner(runtime_.processes());
    const auto port = runtime_.OpenPort(*owner, name_, Term::Nil());
    if (!port) return;
    (void)runtime_.PortControl(*self_, *port, kStart, {});
    Use(*port);
    (void)runtime_.PortControl(*self_, *port, kAsync, {});
  }

  void Use(PortId port) {
    if (!port) return;
    switch (random_.Below(6)) {
      case 0:
        (void)runtime_.PortControl(*self_, port, kAsync, {});
        return;
      case 1:
        (void)runtime_.PortControl(*self_, port, kTimer, {});
        return;
      case 2:
        (void)runtime_.PortCommand(*self_, port, Term::Binary("said"));
        return;
      default:
        return;
    }
  }

  void End(PortId& port) {
    const PortId ending = std::exchange(port, PortId{});
    if (!ending) return;
    switch (random_.Below(4)) {
      case 0:
        (void)runtime_.PortControl(*self_, ending, kFail, {});
        return;
      case 1:
        runtime_.Exit(*self_, ending, Term::Atom("kill"));
        return;
      case 2:
        (void)runtime_.PortControl(*self_, ending, kAsync, {});
        [[fallthrough]];
      default:
        (void)runtime_.PortClose(*self_, ending);
        return;
    }
  }

  void Count(const Term& message) {
    if (message.is_tagged("collector", 3)) {
      ++collected;
    } else if (message.is_tagged("owner", 3)) {
      ++owned;
    } else if (message.is_tagged("EXIT", 3)) {
      ++exits;
    } else if (message.is(TermKind::kTuple) && message.tuple().size() == 2 &&
               message.tuple()[1].is_tagged("data", 2)) {
      ++data;
    } else {
      ++others;
    }
  }

  Runtime& runtime_;
  const Term name_;
  Random random_;
  const std::uint64_t rounds_;
  ThreadProcess self_;
  PortId places_[kPlaces];
};

class Crowd {
 public:
  Crowd(Runtime& runtime, const CrowdPlan& plan, std::string driver)
      : runtime_(runtime), driver_(std::move(driver)), self_(runtime.processes()) {
    const auto count = static_cast<std::uint64_t>(plan.threads);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t rounds = plan.rounds / count + (i < plan.rounds % count ? 1 : 0);
      members_.push_back(
          std::make_unique<Member>(runtime, driver_, plan.seed * 1'000'003 + i, rounds));
    }
  }

  CrowdReport Run() {
    {
      std::vector<OrderedThread> threads;
      for (auto& member : members_) threads.emplace_back("member", [&member] { member->Run(); });
    }
    Until("ports are left", [this] { return runtime_.port_count() == 0; });
    if (!report_.broken.empty()) return report_;
    const auto port = runtime_.OpenPort(*self_, NameOf(driver_), Term::Nil());
    if (!port) {
      report_.broken.push_back("no port can be opened when all is quiet");
      return report_;
    }
    Until("threads or jobs are left", [&] {
      report_.counts = Numbers(*port, kCounts);
      return At(CrowdReport::kThreads) == At(CrowdReport::kThreadsEnded) &&
             At(CrowdReport::kJobs) <= At(CrowdReport::kJobsReady) + At(CrowdReport::kJobsFreed);
    });
    for (const auto& member : members_) member->Drain();  // what is not read counts on its binary
    const std::vector<std::int64_t> collected = Numbers(*port, kCollect);
    (void)runtime_.PortClose(*self_, *port);
    Check(collected);
    return report_;
  }

 private:
  std::int64_t At(CrowdReport::Index index) const {
    return index < report_.counts.size() ? report_.counts[index] : -1;
  }

  // Something that must come, however slow the machine is.
  template <class Holds>
  void Until(const char* what_if_not, Holds&& holds) {
    const Nanos deadline = MonotonicNow() + kPatience;
    while (!holds()) {
      if (MonotonicNow() > deadline) {
        report_.broken.push_back(what_if_not);
        return;
      }
      self_->ReceiveUntil(MonotonicNow() + kMillisecond, [](const Term&) { return false; });
    }
  }

  std::vector<std::int64_t> Numbers(PortId port, Operation operation) {
    const auto reply = runtime_.PortControl(*self_, port, operation, {});
    std::istringstream text(reply ? FlattenIodata(*reply).value_or("") : "");
    std::vector<std::int64_t> numbers;
    for (std::int64_t number; text >> number;) numbers.push_back(number);
    return numbers;
  }

  void Expect(const char* what, std::int64_t expected, std::int64_t seen) {
    if (expected == seen) return;
    report_.broken.push_back(std::string(what) + ": expected " + std::to_string(expected) +
                             ", is " + std::to_string(seen));
  }

  void Check(const std::vector<std::int64_t>& collected) {
    std::int64_t opened = 0, to_collectors = 0, to_owners = 0, data = 0, others = 0;
    for (const auto& member : members_) {
      member->Drain();
      if (!member->trouble.empty()) report_.broken.push_back(member->trouble);
      opened += static_cast<std::int64_t>(member->opened);
      to_collectors += member->collected;
      to_owners += member->owned;
      data += member->data;
      others += member->others;
      report_.exits += member->exits;
    }
    using Report = CrowdReport;
    Expect("ports that were stopped, but for the one that asks", At(Report::kPorts) - 1,
           At(Report::kStops));
    Expect("threads that ended", At(Report::kThreads), At(Report::kThreadsEnded));
    Expect("jobs that came back or were freed", At(Report::kJobs),
           At(Report::kJobsReady) + At(Report::kJobsFreed));
    Expect("messages by erl_drv_send_term", At(Report::kSent), to_collectors);
    Expect("messages by erl_drv_output_term", At(Report::kOutputTerms), to_owners);
    Expect("messages by driver_output", At(Report::kOutputs), data);
    Expect("messages of no known kind", 0, others);
    Expect("exits of ports whose owner lives", opened, report_.exits);
    if (collected.size() != 3) {
      report_.broken.push_back("the driver did not tell what is left");
      return;
    }
    Expect("port data locks with another count than the driver's", 0, collected[0]);
    Expect("binaries that somebody still counts on", 0, collected[1]);
    Expect("jobs of one key out of order", 0, collected[2]);
  }

  Runtime& runtime_;
  const std::string driver_;
  ThreadProcess self_;
  std::vector<std::unique_ptr<Member>> members_;
  CrowdReport report_;
};

// The driver goes, so nothing refers to it: no port, no job. False: it did not.
bool Unload(Runtime& runtime, const std::string& driver) {
  ThreadProcess self(runtime.processes());
  (void)runtime.ddll().MonitorDriver(
      *self, Term::Atom("driver"), Term::Tuple({Term::Atom(driver), Term::Atom("unloaded_only")}));
  if (!runtime.ddll().UnloadDriver(driver)) return false;
  const auto down = self->ReceiveUntil(MonotonicNow() + kPatience);
  return down && down->is_tagged("DOWN", 5);
}

}  // namespace

Result<CrowdReport> RunCrowd(Runtime& runtime, const CrowdPlan& plan) {
  const std::int64_t blocks = LiveDriverBlocks();
  const std::int64_t binaries = BinaryBlock::live();
  const auto loaded = runtime.ddll().LoadDriverFile(plan.driver_file);
  if (!loaded) return Fail(loaded.error());
  CrowdReport report = Crowd(runtime, plan, *loaded).Run();
  if (!Unload(runtime, *loaded)) report.broken.push_back("the driver cannot be unloaded");
  const auto expect = [&](const char* what, std::int64_t before, std::int64_t after) {
    if (before == after) return;
    report.broken.push_back(std::string(what) + ": expected " + std::to_string(before) + ", is " +
                            std::to_string(after));
  };
  expect("blocks of driver_alloc", blocks, LiveDriverBlocks());
  expect("binaries", binaries, BinaryBlock::live());
  expect("ports", 0, runtime.port_count());
  return report;
}

}  // namespace portlab
