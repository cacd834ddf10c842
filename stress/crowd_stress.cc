// portlab-crowd: one crowd (harness/crowd.h) as a program. Prints its seed and what it counted;
// exit status 0: all adds up, 1: something does not (each is printed), 2: wrong arguments or no
// driver.
#include <CLI/CLI.hpp>
#include <cinttypes>
#include <cstdio>

#include "stress/harness/crowd.h"

int main(int argc, char** argv) {
  portlab::CrowdPlan plan;
  CLI::App app{"Threads, async jobs, port data locks, timers and foreign-thread terms at once"};
  app.add_option("--seed", plan.seed)->capture_default_str();
  app.add_option("--rounds", plan.rounds, "Ports, over all threads")->capture_default_str();
  app.add_option("--threads", plan.threads)->capture_default_str()->check(CLI::Range(1, 64));
  app.add_option("driver", plan.driver_file, "crowd_drv.so, or a twin of it")->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  std::printf("seed %" PRIu64 ", %" PRIu64 " rounds, %d threads\n", plan.seed, plan.rounds,
              plan.threads);
  std::fflush(stdout);
  portlab::RuntimeOptions options;
  options.limits.scheduler_threads = 2;
  options.limits.async_threads = 3;
  portlab::Runtime runtime(options);
  const auto report = portlab::RunCrowd(runtime, plan);
  if (!report) {
    std::fprintf(stderr, "crowd: %s\n", report.error().ToString().c_str());
    return 2;
  }
  for (std::size_t i = 0; i < report->counts.size(); ++i)
    std::printf("%s %" PRId64 "\n", portlab::CrowdReport::kNames[i], report->counts[i]);
  std::printf("exits %" PRId64 "\n", report->exits);
  for (const std::string& text : report->broken) std::printf("BROKEN: %s\n", text.c_str());
  return report->broken.empty() ? 0 : 1;
}
