// What the tests of launch/ ask about this process and others.
#pragma once

#include <dirent.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>

#include "launch/real_time.h"

namespace portlab::launch_test {

// A shell script that prints the descriptors it has, without opening one.
inline const std::string kListDescriptors =
    "i=0; while [ $i -lt 100 ]; do [ ! -e /proc/$$/fd/$i ] || echo $i; i=$((i+1)); done";

// The entries of /proc/<pid>/fd that the caller did not open to find out.
inline std::set<int> OpenDescriptors() {
  std::set<int> fds;
  DIR* directory = ::opendir("/proc/self/fd");
  while (const dirent* entry = ::readdir(directory)) {
    if (entry->d_name[0] != '.') fds.insert(std::atoi(entry->d_name));
  }
  fds.erase(::dirfd(directory));
  ::closedir(directory);
  return fds;
}

// Whether this process has a child, dead or alive; it is not reaped.
inline bool HasAnyChild() {
  siginfo_t info = {};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

inline bool HasZombie() {
  siginfo_t info = {};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

// 'R', 'S', 'Z' … of /proc/<pid>/stat; 0: no such process.
inline char ProcessState(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return 0;
  const std::size_t name_end = line.rfind(") ");
  return name_end == std::string::npos ? 0 : line[name_end + 2];
}

inline bool Runs(pid_t pid) {
  const char state = ProcessState(pid);
  return state != 0 && state != 'Z' && state != 'X';
}

// Until `condition` holds, at most 10 s: generous, for sanitizers on a busy machine.
template <class Condition>
bool Eventually(Condition condition) {
  const Nanos deadline = RealNow() + 10'000 * kMillisecond;
  while (!condition()) {
    if (RealNow() >= deadline) return false;
    ::poll(nullptr, 0, 2);
  }
  return true;
}

// All until end of file, from a blocking or non-blocking descriptor; at most 10 s.
inline std::string ReadAll(int fd) {
  std::string text;
  const Nanos deadline = RealNow() + 10'000 * kMillisecond;
  while (true) {
    pollfd ready = {fd, POLLIN, 0};
    if (::poll(&ready, 1, MillisecondsUntil(deadline, 10'000)) <= 0) {
      ADD_FAILURE() << "no end of file on " << fd << " after: " << text;
      return text;
    }
    char buffer[4096];
    const ssize_t size = ::read(fd, buffer, sizeof buffer);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (size <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(size));
  }
}

}  // namespace portlab::launch_test
