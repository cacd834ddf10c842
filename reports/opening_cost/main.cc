// portlab-opening-cost: what it costs to open a port, measured in a process of its own, because the
// memory that fork is measured with would burden any other. Prints one JSON value (json_writer.h,
// CostToJson) on stdout.
//
// Threads: the runtime's, an observer's, and this one. Ends within about 25 s.
// Exit status: 0; 2 for a wrong command line.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <optional>
#include <random>
#include <string>

#include "base/random.h"
#include "reports/json_writer.h"
#include "reports/opening_cost/arena.h"
#include "reports/opening_cost/direct_start.h"
#include "reports/opening_cost/measure.h"
#include "reports/opening_cost/observer.h"
#include "reports/opening_cost/otp_probe.h"
#include "reports/opening_cost/runtime_ports.h"

namespace portlab {
namespace {

constexpr int kSmallMib = 64;
constexpr int kLargeMib = 2048;
constexpr std::int64_t kMemoryForLarge = std::int64_t{4} << 30;
constexpr int kDriverBatch = 64;

struct Options {
  std::string drivers;  // folder with echo_drv.so
  std::string program;
  std::uint64_t seed = 0;
  double seconds = 14;  // for all measurements together
};

std::vector<Method> OurMethods(RuntimePorts& ports, const Options& options) {
  const std::string& program = options.program;
  std::vector<Method> methods;
  Method driver = {.name = "linked-in driver",
                   .batch = kDriverBatch,
                   .note = "open and close, the mean of a batch"};
  if (const auto loaded = ports.Load(options.drivers + "/echo_drv.so"); loaded) {
    driver.sample = Timed([&ports] { return ports.OpenDriver(); }, kDriverBatch);
  } else {
    driver.note = loaded.error().ToString();
  }
  methods.push_back(std::move(driver));
  methods.push_back({.name = "program, through the spawn server",
                     .sample = Timed([&ports, program] { return ports.OpenProgram(program); }),
                     .note = "a whole port: pipes, start, exit status",
                     .with_stalls = true});
  const auto direct = [&](const char* name, Result<void> (*start)(const char*)) {
    methods.push_back({.name = name,
                       .sample = Timed([start, program] { return start(program.c_str()); }),
                       .note = "start and wait, no pipes",
                       .with_stalls = true});
  };
  direct("vfork + exec", StartWithVfork);
  direct("posix_spawn", StartWithPosixSpawn);
  direct("fork + exec", StartWithFork);
  return methods;
}

void AddOtp(std::vector<Method>& methods, Result<OtpProbe>& otp) {
  Method driver = {.name = "OTP: linked-in driver", .batch = OtpProbe::kBatch, .own_memory = true};
  Method program = {.name = "OTP: program, spawn_executable", .own_memory = true};
  if (otp) {
    driver.sample = [&otp] { return otp->DriverUs(); };
    program.sample = [&otp] { return otp->ProgramUs(); };
    driver.note = program.note = "Erlang/OTP " + otp->release() + ", in its own process";
  } else {
    driver.note = program.note = otp.error().detail;
  }
  methods.push_back(std::move(driver));
  methods.push_back(std::move(program));
}

// One size: cost first, then stalls, with `seconds` for both.
void MeasureSize(OpeningCost& cost, const std::vector<Method>& methods, int mib, double seconds,
                 Random& random) {
  const auto arena = Arena::Touched(std::size_t{1024} * 1024 * static_cast<unsigned>(mib));
  if (!arena) {
    cost.notes.push_back(fmt::format("{} MiB were left out: {}.", mib, arena.error().ToString()));
    return;
  }
  const auto part = [&](double share) {
    return Budget{static_cast<Nanos>(seconds * share * 1000) * kMillisecond};
  };
  const auto rows = MeasureCost(methods, mib, part(0.55), random);
  cost.rows.insert(cost.rows.end(), rows.begin(), rows.end());
  if (!Observer::IsPossible()) return;
  const auto stalls = MeasureStalls(methods, *arena, mib, part(0.45), random);
  cost.stalls.insert(cost.stalls.end(), stalls.begin(), stalls.end());
}

OpeningCost Measure(const Options& options) {
  OpeningCost cost;
  cost.seed = options.seed;
  cost.target = options.program.substr(options.program.rfind('/') + 1);
  cost.notes.push_back("Memory is touched in pages of 4 KiB.");
  Random random(options.seed);
  RuntimePorts ports;
  auto otp = OtpProbe::Start(options.drivers, options.program);
  std::vector<Method> methods = OurMethods(ports, options);
  const std::size_t ours = methods.size();
  AddOtp(methods, otp);
  const std::int64_t available = AvailableMemory();
  const bool large = available > kMemoryForLarge;
  MeasureSize(cost, methods, kSmallMib, options.seconds * (large ? 0.4 : 1), random);
  methods.resize(ours);
  if (large) {
    MeasureSize(cost, methods, kLargeMib, options.seconds * 0.6, random);
  } else {
    cost.notes.push_back(fmt::format(
        "2 GiB were left out: {} MiB of memory are available, more than 4096 are wanted.",
        available >> 20));
  }
  if (!Observer::IsPossible()) {
    cost.notes.push_back("Stalls of another thread were left out: they need two CPUs.");
  }
  return cost;
}

}  // namespace
}  // namespace portlab

int main(int argc, char** argv) {
  portlab::Options options;
  options.seed = std::random_device{}();
  CLI::App app("measures what it costs to open a port");
  app.add_option("--drivers", options.drivers, "folder with echo_drv.so")->required();
  app.add_option("--program", options.program, "the program to start")->required();
  app.add_option("--seed", options.seed, "of the order of methods");
  app.add_option("--seconds", options.seconds, "for all measurements")
      ->check(CLI::Range(0.1, 600.0));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? 0 : 2;
  }
  ::signal(SIGPIPE, SIG_IGN);
  const portlab::OpeningCost cost = portlab::Measure(options);
  std::puts(portlab::JsonText(portlab::CostToJson(cost), -1).c_str());
  return std::fflush(stdout) == 0 ? 0 : 1;
}
