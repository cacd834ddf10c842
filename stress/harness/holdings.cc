#include <dirent.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "stress/harness/churn.h"

namespace portlab {
namespace {

struct ProcessLine {
  int parent = 0;
  char state = '?';
  std::string name;
};

// pid -> what /proc/<pid>/stat says.
std::map<int, ProcessLine> AllProcesses() {
  std::map<int, ProcessLine> processes;
  DIR* proc = ::opendir("/proc");
  while (const dirent* entry = ::readdir(proc)) {
    const int pid = std::atoi(entry->d_name);
    if (pid <= 0) continue;
    std::ifstream in("/proc/" + std::string(entry->d_name) + "/stat");
    std::string text((std::istreambuf_iterator<char>(in)), {});
    const auto open = text.find('(');
    const auto close = text.rfind(')');
    if (open == std::string::npos || close == std::string::npos) continue;
    ProcessLine line;
    line.name = text.substr(open + 1, close - open - 1);
    std::sscanf(text.c_str() + close + 1, " %c %d", &line.state, &line.parent);
    processes.emplace(pid, line);
  }
  ::closedir(proc);
  return processes;
}

int CountFds() {
  int count = 0;
  DIR* directory = ::opendir("/proc/self/fd");
  while (::readdir(directory) != nullptr) ++count;
  ::closedir(directory);
  return count;
}

}  // namespace

Holdings CountHoldings() {
  Holdings holdings;
  holdings.fds = CountFds();
  const auto processes = AllProcesses();
  std::vector<int> parents{::getpid()};
  while (!parents.empty()) {
    const int parent = parents.back();
    parents.pop_back();
    for (const auto& [pid, line] : processes) {
      if (line.parent != parent) continue;
      parents.push_back(pid);
      if (line.state == 'Z') {
        ++holdings.zombies;
      } else if (line.name.rfind("portlab-spawn", 0) != 0) {
        ++holdings.programs;
      }
    }
  }
  return holdings;
}

}  // namespace portlab
