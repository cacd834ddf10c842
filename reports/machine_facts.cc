#include "reports/machine_facts.h"

#include <gnu/libc-version.h>
#include <sched.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <fstream>

namespace portlab {
namespace {

std::string CpuName(const std::string& fallback) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return fallback;
}

int UsableCores() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 0;
  return CPU_COUNT(&set);
}

}  // namespace

MachineFacts ThisMachine() {
  MachineFacts facts;
  utsname name = {};
  if (::uname(&name) == 0) {
    facts.kernel = std::string(name.sysname) + " " + name.release + " " + name.machine;
    facts.cpu = CpuName(name.machine);
  }
  facts.cores = UsableCores();
  facts.memory_bytes = std::int64_t{::sysconf(_SC_PHYS_PAGES)} * ::sysconf(_SC_PAGESIZE);
#if defined(__clang__)
  facts.compiler = __VERSION__;  // "Clang 19 …"
#else
  facts.compiler = "GCC " __VERSION__;
#endif
  facts.libc = std::string("glibc ") + ::gnu_get_libc_version();
  facts.portlab = PORTLAB_VERSION;
  return facts;
}

std::string UtcNow() {
  const time_t now = ::time(nullptr);
  tm utc = {};
  ::gmtime_r(&now, &utc);
  std::array<char, 32> text;
  return {text.data(), ::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &utc)};
}

}  // namespace portlab
