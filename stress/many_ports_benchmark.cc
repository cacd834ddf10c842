// What open ports take, and whether they make others dearer: goals G7 and G8 of performance.md.
//
//   many_ports_benchmark [PORTS]    default 1,000,000
//
// Opens PORTS ports of the zoo's echo driver, all linked to one process, and prints one line of
// JSON: bytes of resident memory for each (slot, identifier, owner's link and the driver's own
// block), and nanoseconds of processor time of an open and close, beside them and in the table
// emptied again. Nothing here fails because of a figure.
//
// Exit status: 0 measured, 1 a port did not open.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <vector>

#include "portlab/runtime.h"

namespace portlab {
namespace {

constexpr std::uint32_t kDefaultPorts = 1'000'000;
constexpr int kSamples = 50;
constexpr int kPairsInSample = 2000;

std::size_t ResidentBytes() {
  std::size_t total = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

double ProcessorNanoseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

class Host {
 public:
  explicit Host(std::uint32_t limit) : runtime_(Options(limit)), self_(runtime_.processes()) {
    Expect(runtime_.ddll().LoadDriverFile(PORTLAB_ECHO_DRIVER));
  }

  PortId Open() { return Expect(runtime_.OpenPort(*self_, echo_, binary_)); }
  void Close(PortId port) {
    if (!runtime_.PortClose(*self_, port)) std::exit(1);
  }

  // The tenth percentile of an open and close.
  double OpenAndClose() {
    std::vector<double> samples;
    for (int sample = 0; sample < kSamples; ++sample) {
      const double before = ProcessorNanoseconds();
      for (int i = 0; i < kPairsInSample; ++i) Close(Open());
      samples.push_back((ProcessorNanoseconds() - before) / kPairsInSample);
    }
    std::sort(samples.begin(), samples.end());
    return samples[kSamples / 10];
  }

 private:
  static RuntimeOptions Options(std::uint32_t limit) {
    RuntimeOptions options;
    options.limits.scheduler_threads = 1;
    options.limits.port_limit = limit;
    return options;
  }
  template <class T>
  static T Expect(Result<T> result) {
    if (result) return *std::move(result);
    std::fprintf(stderr, "many_ports_benchmark: %s\n", result.error().ToString().c_str());
    std::exit(1);
  }

  Runtime runtime_;
  ThreadProcess self_;
  const Term echo_ = Term::Tuple({Term::Atom("spawn_driver"), Term::String("echo_drv")});
  const Term binary_ = Term::List({Term::Atom("binary")});
};

int Measure(std::uint32_t ports) {
  Host host(ports + 16);
  const std::size_t before = ResidentBytes();
  std::vector<PortId> open;
  open.reserve(ports);
  for (std::uint32_t i = 0; i < ports; ++i) open.push_back(host.Open());
  const std::size_t taken = ResidentBytes() - before - open.size() * sizeof(PortId);
  const double full = host.OpenAndClose();
  for (const PortId port : open) host.Close(port);
  const double empty = host.OpenAndClose();
  std::printf(
      "{\"ports\": %u, \"bytes_per_port\": %.0f, \"open_close_ns\": %.1f, "
      "\"open_close_ns_beside\": %.1f}\n",
      ports, static_cast<double>(taken) / ports, empty, full);
  return 0;
}

}  // namespace
}  // namespace portlab

int main(int argc, char** argv) {
  const auto ports = argc > 1 ? static_cast<std::uint32_t>(std::strtoul(argv[1], nullptr, 10))
                              : portlab::kDefaultPorts;
  return portlab::Measure(ports == 0 ? portlab::kDefaultPorts : ports);
}
