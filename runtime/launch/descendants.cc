#include "launch/descendants.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "launch/child_registry.h"
#include "launch/real_time.h"
#include "launch/wait_status.h"

namespace portlab {
namespace {

std::atomic<bool> g_subreaper{false};

struct CloseDir {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using Directory = std::unique_ptr<DIR, CloseDir>;
using File = std::unique_ptr<std::FILE, CloseFile>;

File OpenForReading(const std::string& path) { return File(std::fopen(path.c_str(), "re")); }

// False: this kernel has no such list (CONFIG_PROC_CHILDREN).
bool ListFromThreads(std::vector<pid_t>* children) {
  const Directory threads(::opendir("/proc/self/task"));
  if (threads == nullptr) return false;
  bool listed = false;
  while (const dirent* entry = ::readdir(threads.get())) {
    if (entry->d_name[0] == '.') continue;
    const File file = OpenForReading("/proc/self/task/" + std::string(entry->d_name) + "/children");
    if (file == nullptr) continue;
    listed = true;
    int pid = 0;
    while (std::fscanf(file.get(), "%d", &pid) == 1) children->push_back(pid);
  }
  return listed;
}

pid_t ParentOf(const char* pid) {
  const File file = OpenForReading("/proc/" + std::string(pid) + "/stat");
  if (file == nullptr) return -1;
  char line[512];
  if (std::fgets(line, sizeof line, file.get()) == nullptr) return -1;
  // The name in parentheses may hold anything, so what follows is found from its end.
  const std::string text = line;
  const std::size_t name_end = text.rfind(") ");
  int parent = -1;
  if (name_end != std::string::npos) {
    if (std::sscanf(text.c_str() + name_end + 2, "%*c %d", &parent) != 1) return -1;
  }
  return parent;
}

void ListFromAllProcesses(std::vector<pid_t>* children) {
  const Directory processes(::opendir("/proc"));
  if (processes == nullptr) return;
  const pid_t self = ::getpid();
  while (const dirent* entry = ::readdir(processes.get())) {
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    if (ParentOf(entry->d_name) == self) children->push_back(std::atoi(entry->d_name));
  }
}

// Reaps the adopted orphans in question that are dead, counts those that died of SIGKILL, and kills
// the rest. Returns whether any was there.
bool KillRound(pid_t session, bool also_strays, int* killed) {
  ChildRegistry& registry = ChildRegistry::Get();
  const MutexLock lock(registry.mutex);
  bool any = false;
  for (const pid_t child : DirectChildren()) {
    if (registry.own.contains(child)) continue;
    const pid_t its_session = ::getsid(child);
    const bool stray = also_strays && !registry.own.contains(its_session);
    if (its_session != session && !stray) continue;
    any = true;
    int raw = 0;
    if (::waitpid(child, &raw, WNOHANG) == child) {
      if (WaitStatus(raw).signaled(SIGKILL)) ++*killed;
    } else {
      ::kill(child, SIGKILL);
    }
  }
  return any;
}

}  // namespace

void BecomeSubreaper() {
  ChildRegistry& registry = ChildRegistry::Get();
  const MutexLock lock(registry.mutex);
  if (g_subreaper.exchange(true)) return;
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  for (const pid_t child : DirectChildren()) registry.own.insert(child);
}

bool IsSubreaper() { return g_subreaper.load(); }

std::vector<pid_t> DirectChildren() {
  std::vector<pid_t> children;
  if (!ListFromThreads(&children)) ListFromAllProcesses(&children);
  return children;
}

void SignalGroupOf(pid_t pid, int signo) {
  const pid_t group = ::getpgid(pid);
  if (group > 0 && group != ::getpgrp() && ::kill(-group, signo) == 0) return;
  ::kill(pid, signo);
}

int KillAdopted(pid_t session, bool also_strays, Nanos deadline) {
  int killed = 0;
  if (!IsSubreaper()) return killed;
  // The dead hand their own children to us, so a round may bring new ones.
  while (KillRound(session, also_strays, &killed) && RealNow() < deadline) {
    ::poll(nullptr, 0, 1);
  }
  return killed;
}

}  // namespace portlab
