#include "reports/opening_cost/observer.h"

#include <sys/resource.h>

#include "base/random.h"
#include "launch/real_time.h"

namespace portlab {
namespace {

// The n-th CPU of a set; -1: it has fewer.
int CpuOf(const cpu_set_t& set, int n) {
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set) && n-- == 0) return cpu;
  }
  return -1;
}

void PinTo(int cpu) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  ::sched_setaffinity(0, sizeof one, &one);
}

// On Linux this is about the calling thread. Not being permitted only makes for more noise, which
// the baseline shows.
void SetPriority(int nice) { (void)::setpriority(PRIO_PROCESS, 0, nice); }
constexpr int kHighestPriority = -20;

}  // namespace

bool Observer::IsPossible() {
  cpu_set_t set;
  return ::sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) >= 2;
}

Observer::Observer(const Arena& arena, Kind kind) : arena_(arena), kind_(kind) {
  maker_priority_ = ::getpriority(PRIO_PROCESS, 0);
  ::sched_getaffinity(0, sizeof maker_cpus_, &maker_cpus_);
  thread_ = std::thread([this] { Run(); });
  PinTo(CpuOf(maker_cpus_, 0));
  SetPriority(kHighestPriority);
}

Observer::~Observer() {
  stopping_.store(true);
  thread_.join();
  SetPriority(maker_priority_);
  ::sched_setaffinity(0, sizeof maker_cpus_, &maker_cpus_);
}

void Observer::Begin() {
  const std::uint64_t before = turns_.load();
  while (turns_.load() < before + 100) ::sched_yield();
  longest_ns_.store(0);
}

double Observer::EndUs() {
  // A gap that is still going on ends with the next turn; the one after it has counted it.
  const std::uint64_t before = turns_.load();
  while (turns_.load() < before + 2) ::sched_yield();
  const auto longest = static_cast<double>(longest_ns_.load());
  return longest / 1000;
}

void Observer::Run() {
  PinTo(CpuOf(maker_cpus_, CPU_COUNT(&maker_cpus_) - 1));
  SetPriority(kHighestPriority);
  Random random(1);
  Nanos last = RealNow();
  while (!stopping_.load(std::memory_order_relaxed)) {
    if (kind_ == Kind::kWrites) *arena_.page(random.Below(arena_.pages())) = 2;
    const Nanos now = RealNow();
    // Relaxed, and a lost update of Begin's is no loss: the gap it would hide began before it.
    if (now - last > longest_ns_.load(std::memory_order_relaxed)) {
      longest_ns_.store(now - last, std::memory_order_relaxed);
    }
    last = now;
    turns_.fetch_add(1, std::memory_order_relaxed);
  }
}

}  // namespace portlab
