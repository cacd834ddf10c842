// portlab-stress: the open/close stress as a program. Prints its seed first; exit status 0: every
// invariant holds, 1: one does not (each is printed), 2: wrong arguments or no driver.
#include <CLI/CLI.hpp>
#include <cinttypes>
#include <cstdio>
#include <filesystem>

#include "portlab/runtime.h"
#include "stress/harness/churn.h"

namespace {

using portlab::ChurnPlan;
using portlab::ChurnReport;
using portlab::Holdings;

std::string Beside(const char* relative) {
  const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return (here / relative).lexically_normal().string();
}

void PrintProgress(std::uint64_t done) {
  std::fprintf(stderr, "stress: %" PRIu64 " rounds\n", done);
}

// Zombies of programs that have just ended are the spawn server's to reap; it gets a moment.
Holdings SettledHoldings(const Holdings& before) {
  Holdings now = portlab::CountHoldings();
  for (int i = 0; i < 100 && (now.fds > before.fds || now.zombies > 0 || now.programs > 0); ++i) {
    const timespec pause{0, 20'000'000};
    ::nanosleep(&pause, nullptr);
    now = portlab::CountHoldings();
  }
  return now;
}

int Print(const ChurnPlan& plan, const ChurnReport& report, const Holdings& before,
          const Holdings& after) {
  std::printf("opened %" PRIu64 ", refused by start %" PRIu64 ", refused by limit %" PRIu64
              ", programs crashed %" PRIu64 "\n",
              report.opened, report.refused_by_start, report.refused_by_limit,
              report.programs_crashed);
  std::printf("descriptors %d before, %d after; zombies %d; programs left %d\n", before.fds,
              after.fds, after.zombies, after.programs);
  for (std::size_t i = 0; i < report.operation_digests.size(); ++i) {
    std::printf("thread %zu operations %016" PRIx64 "\n", i, report.operation_digests[i]);
  }
  std::vector<std::string> broken = report.broken;
  if (after.fds > before.fds) broken.push_back("descriptors are retained");
  if (after.zombies > 0) broken.push_back("zombies are left");
  if (after.programs > 0) broken.push_back("programs are left");
  for (const std::string& text : broken) std::printf("BROKEN: %s\n", text.c_str());
  if (!broken.empty()) {
    std::printf("repeat each thread's operations with: portlab stress --seed %" PRIu64
                " --rounds %" PRIu64 " --threads %d\n",
                plan.seed, plan.rounds, plan.threads);
  }
  return broken.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  ChurnPlan plan;
  plan.driver_file = Beside("../drivers/" PORTLAB_FLAVOUR_NAME "/churn_drv.so");
  plan.program_file = Beside("../programs/abort_program");
  std::uint32_t limit = 64;
  CLI::App app{
      "Concurrent open/close around the port limit, with failed starts and crashing programs"};
  app.add_option("--seed", plan.seed, "Repeats each thread's operations")->capture_default_str();
  app.add_option("--rounds", plan.rounds, "Tries to open, over all threads")->capture_default_str();
  app.add_option("--threads", plan.threads)->capture_default_str()->check(CLI::Range(1, 64));
  app.add_option("--limit", limit, "Port limit")
      ->capture_default_str()
      ->check(CLI::Range(1u, 1u << 20));
  app.add_option("--failed-percent", plan.failed_start_percent)
      ->capture_default_str()
      ->check(CLI::Range(0, 100));
  app.add_option("--program-percent", plan.program_percent)
      ->capture_default_str()
      ->check(CLI::Range(0, 100));
  std::string counter = "reserve";
  app.add_option("--counter", counter)
      ->capture_default_str()
      ->check(CLI::IsMember({"reserve", "otp"}));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  std::printf("seed %" PRIu64 ", %" PRIu64 " rounds, %d threads, limit %u, counter %s\n", plan.seed,
              plan.rounds, plan.threads, limit, counter.c_str());
  std::fflush(stdout);

  portlab::RuntimeOptions options;
  options.limits.port_limit = limit;
  options.limits.scheduler_threads = 2;
  options.limits.limit_counter =
      counter == "otp" ? portlab::LimitCounterKind::kOtp : portlab::LimitCounterKind::kReserve;
  portlab::Runtime runtime(options);
  {
    // The spawn server and its socket are there from the first program on: started before the
    // count.
    portlab::ThreadProcess self(runtime.processes());
    auto warm = runtime.OpenPort(*self, "{spawn,\"true\"}", "[exit_status]");
    if (!warm) std::fprintf(stderr, "stress: %s\n", warm.error().ToString().c_str());
    self->set_trap_exit(true);
    self->ReceiveUntil(portlab::MonotonicNow() + 5'000 * portlab::kMillisecond,
                       [](const portlab::Term& message) { return message.is_tagged("EXIT", 3); });
  }
  const Holdings before = SettledHoldings(portlab::CountHoldings());
  auto report = portlab::RunChurn(runtime, plan, PrintProgress);
  if (!report) {
    std::fprintf(stderr, "stress: %s\n", report.error().ToString().c_str());
    return 2;
  }
  return Print(plan, *report, before, SettledHoldings(before));
}
