#include "faulty_drivers/trial/drift.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <climits>
#include <clocale>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "driver/callback_scope.h"
#include "faulty_drivers/trial/drift_words.h"

namespace portlab {
namespace {

using Items = DriftSnapshot::Items;

constexpr std::chrono::milliseconds kBetweenLooks(5);

// Of a "Name:\tvalue" line of /proc/…/status; empty: not there.
std::string StatusField(const std::string& file, std::string_view name) {
  std::ifstream status(file);
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with(name) || line.size() <= name.size() || line[name.size()] != ':') continue;
    const std::size_t value = line.find_first_not_of(" \t", name.size() + 1);
    return value == std::string::npos ? "" : line.substr(value);
  }
  return {};
}

struct Thread {
  pid_t id = 0;
  std::string name;  // "scheduler-1 (4711)"
};

std::vector<Thread> Threads() {
  std::vector<Thread> threads;
  std::error_code ignored;
  for (std::filesystem::directory_iterator at("/proc/self/task", ignored), end; at != end;
       at.increment(ignored)) {
    Thread thread;
    const std::string number = at->path().filename();
    thread.id = static_cast<pid_t>(std::stol(number));
    std::string name;
    std::getline(std::ifstream(at->path() / "comm"), name);
    thread.name = name + " (" + number + ")";
    threads.push_back(std::move(thread));
  }
  return threads;
}

std::string StatusFile(const Thread& thread) {
  return "/proc/self/task/" + std::to_string(thread.id) + "/status";
}

Items Stdio() {
  Items items;
  for (int fd = 0; fd <= 2; ++fd) {
    const std::string name = "fd " + std::to_string(fd);
    struct stat facts = {};
    if (::fstat(fd, &facts) != 0) {
      items[name] = "closed";
      continue;
    }
    char target[PATH_MAX];
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    const ssize_t length = ::readlink(link.c_str(), target, sizeof target);
    const int flags = ::fcntl(fd, F_GETFL);
    items[name] = std::string(target, length > 0 ? static_cast<std::size_t>(length) : 0) + " #" +
                  std::to_string(facts.st_ino) + ((flags & O_NONBLOCK) != 0 ? ", nonblocking" : "");
  }
  return items;
}

Items WorkingDirectory() {
  struct stat facts = {};
  char path[PATH_MAX];
  if (::stat(".", &facts) != 0) return {{"the working directory", "gone"}};
  const char* name = ::getcwd(path, sizeof path);
  return {{"the working directory", std::string(name == nullptr ? "nameless" : name) + " #" +
                                        std::to_string(facts.st_dev) + ":" +
                                        std::to_string(facts.st_ino)}};
}

Items FileMode() { return {{"the umask", StatusField("/proc/self/status", "Umask")}}; }

Items Variables() {
  Items items;
  for (char** at = ::environ; at != nullptr && *at != nullptr; ++at) {
    const std::string_view text = *at;
    const std::size_t end = text.find('=');
    const std::size_t value = end == std::string_view::npos ? text.size() : end + 1;
    char shown[32];
    std::snprintf(shown, sizeof shown, "set (hash %08zx)",
                  std::hash<std::string_view>()(text.substr(value)) & 0xffffffff);
    items[std::string(text.substr(0, end))] = shown;
  }
  return items;
}

Items Locale() {
  const char* name = std::setlocale(LC_ALL, nullptr);
  return {{"the locale", name == nullptr ? "unknown" : name}};
}

Items Signals() {
  Items items;
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action = {};
    if (::sigaction(number, nullptr, &action) != 0) continue;
    items[SignalInWords(number)] = DispositionInWords(action);
  }
  for (const Thread& thread : Threads()) {
    items["what " + thread.name + " blocks"] =
        SignalSetInWords(StatusField(StatusFile(thread), "SigBlk"));
  }
  return items;
}

// glibc has it block every signal until it is set up, also the two of its own, which nobody else
// can block; on a busy machine that may take long.
bool AnyThreadIsBeingMade() {
  constexpr std::uint64_t kOwnSignals = 3ULL << 31;  // 32 and 33
  for (const Thread& thread : Threads()) {
    const std::string mask = StatusField(StatusFile(thread), "SigBlk");
    if ((std::strtoull(mask.c_str(), nullptr, 16) & kOwnSignals) == kOwnSignals) return true;
  }
  return false;
}

Items Timers() {
  Items items;
  for (const auto& [which, name] : {std::pair{ITIMER_REAL, "the real-time timer"},
                                    {ITIMER_VIRTUAL, "the virtual timer"},
                                    {ITIMER_PROF, "the profiling timer"}}) {
    itimerval value = {};
    if (::getitimer(which, &value) != 0) continue;
    const bool repeats = value.it_interval.tv_sec != 0 || value.it_interval.tv_usec != 0;
    const bool runs = value.it_value.tv_sec != 0 || value.it_value.tv_usec != 0;
    items[name] = !runs ? "off" : repeats ? "running again and again" : "running";
  }
  return items;
}

// The control itself belongs to the thread of the callback; the scope of the callback looked.
Items FloatingPoint() {
  const FloatChanges changes = CallbackScope::float_changes();
  Items items = {{"floating point arithmetic", "as the host set it"}};
  if (changes.count == 0) return items;
  items.begin()->second = FloatControlInWords(changes.after) + ", left so by " +
                          CallbackName(changes.callback) + ", where it was " +
                          FloatControlInWords(changes.before);
  return items;
}

Items Limits() {
  Items items;
  for (int which = 0; which < static_cast<int>(RLIMIT_NLIMITS); ++which) {
    rlimit limit = {};
    if (::getrlimit(static_cast<__rlimit_resource_t>(which), &limit) != 0) continue;
    const auto shown = [](rlim_t value) {
      return value == RLIM_INFINITY ? std::string("unlimited") : std::to_string(value);
    };
    items[LimitInWords(which)] = shown(limit.rlim_cur) + " of " + shown(limit.rlim_max);
  }
  return items;
}

Items Priorities() {
  Items items;
  for (const Thread& thread : Threads()) {
    const int nice = ::getpriority(PRIO_PROCESS, static_cast<id_t>(thread.id));
    items[thread.name] = "nice " + std::to_string(nice) + ", policy " +
                         std::to_string(::sched_getscheduler(thread.id));
  }
  return items;
}

Items Affinities() {
  Items items;
  for (const Thread& thread : Threads()) {
    items[thread.name] = "processors " + StatusField(StatusFile(thread), "Cpus_allowed_list");
  }
  return items;
}

Items Children() {
  Items items;
  for (const Thread& thread : Threads()) {
    std::ifstream children("/proc/self/task/" + std::to_string(thread.id) + "/children");
    for (std::string pid; children >> pid;) {
      items["process " + pid] = StatusField("/proc/" + pid + "/status", "Name");
    }
  }
  return items;
}

// Gone threads, and new ones, are for degraded:threads to tell.
bool OfOneThread(std::string_view kind, const std::string& item) {
  return kind == "priority" || kind == "affinity" ||
         (kind == "signals" && item.starts_with("what "));
}

}  // namespace

DriftSnapshot DriftSnapshot::Take() {
  return {{{"stdio", Stdio()},
           {"cwd", WorkingDirectory()},
           {"umask", FileMode()},
           {"environment", Variables()},
           {"locale", Locale()},
           {"signals", Signals()},
           {"timers", Timers()},
           {"fp_control", FloatingPoint()},
           {"rlimits", Limits()},
           {"priority", Priorities()},
           {"affinity", Affinities()},
           {"children", Children()}}};
}

DriftSnapshot DriftSnapshot::TakeSettled(Nanos deadline) {
  DriftSnapshot last = Take();
  for (int same = 1; same < 3 && MonotonicNow() < deadline;) {
    std::this_thread::sleep_for(kBetweenLooks);
    // Asked before the look: a thread whose making begins or ends between the two makes this look
    // differ from the last one, and it does not count.
    const bool being_made = AnyThreadIsBeingMade();
    DriftSnapshot now = Take();
    same = !being_made && now == last ? same + 1 : 1;
    last = std::move(now);
  }
  return last;
}

std::vector<Drift> DriftBetween(const DriftSnapshot& before, const DriftSnapshot& after) {
  std::vector<Drift> drifts;
  for (std::size_t i = 0; i < before.kinds.size() && i < after.kinds.size(); ++i) {
    const auto& [kind, was] = before.kinds[i];
    const Items& is = after.kinds[i].second;
    ChangeList changes;
    for (const auto& [item, value] : was) {
      const auto now = is.find(item);
      if (now == is.end() && OfOneThread(kind, item)) continue;
      changes.Add(item, value, now == is.end() ? "nothing" : now->second);
    }
    for (const auto& [item, value] : is) {
      if (was.contains(item) || OfOneThread(kind, item)) continue;
      changes.Add(item, "nothing", value);
    }
    if (!changes.empty()) drifts.push_back({std::string(kind), changes.ToString()});
  }
  return drifts;
}

}  // namespace portlab
