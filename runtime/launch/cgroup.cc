#include "launch/cgroup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

namespace portlab {
namespace {

constexpr mode_t kFolderMode = 0755;
constexpr int kNamesMax = 100;

// An errno.
int WriteTo(const std::string& file, std::string_view text) {
  const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return errno;
  return ::write(fd.get(), text.data(), text.size()) < 0 ? errno : 0;
}

// Where cgroup v2 is mounted, and which of its groups that shows; empty: nowhere.
std::pair<std::string, std::string> MountPoint() {
  std::ifstream mounts("/proc/self/mountinfo");
  std::string line;
  while (std::getline(mounts, line)) {
    if (line.find(" - cgroup2 ") == std::string::npos) continue;
    std::istringstream fields(line);
    std::string skipped, root, point;
    fields >> skipped >> skipped >> skipped >> root >> point;
    return {point, root == "/" ? "" : root};
  }
  return {};
}

}  // namespace

Result<std::string> Cgroup::OwnFolder() {
  const auto [point, root] = MountPoint();
  if (point.empty()) return Fail(Error::Errno(ENOSYS, "no cgroup v2 is mounted"));
  std::ifstream groups("/proc/self/cgroup");
  std::string line;
  while (std::getline(groups, line)) {
    if (line.rfind("0::", 0) != 0) continue;
    const std::string group = line.substr(3);
    if (group.compare(0, root.size(), root) != 0) break;
    const std::string rest = group.substr(root.size());
    return rest == "/" ? point : point + rest;
  }
  return Fail(Error::Errno(ENOSYS, "this process is in no group below " + point));
}

Result<Cgroup> Cgroup::Make(const std::string& below, const CgroupLimits& limits) {
  const std::string name = below + "/portlab-" + std::to_string(::getpid());
  std::string folder = name;
  // One of this name may be left over, and empty; or it is another's, who has the same number in
  // another pid namespace.
  for (int i = 1; ::mkdir(folder.c_str(), kFolderMode) != 0; ++i) {
    if (errno != EEXIST || i == kNamesMax) return Fail(Error::Errno(errno, "mkdir " + folder));
    if (::rmdir(folder.c_str()) != 0) folder = name + "-" + std::to_string(i);
  }
  return Set(std::move(folder), limits);
}

Result<Cgroup> Cgroup::Set(std::string made, const CgroupLimits& limits) {
  Cgroup group(std::move(made));
  const std::string& folder = group.folder();
  group.procs_.Reset(::open((folder + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
  if (!group.procs_) return Fail(Error::Errno(errno, folder + "/cgroup.procs"));
  group.kill_.Reset(::open((folder + "/cgroup.kill").c_str(), O_WRONLY | O_CLOEXEC));
  if (!group.kill_) {
    const int error = errno == ENOENT ? EOPNOTSUPP : errno;
    return Fail(Error::Errno(error, folder + "/cgroup.kill"));
  }
  if (limits.memory_max) {
    const auto limited = group.Limit("memory", "memory.max", *limits.memory_max);
    if (!limited) return Fail(limited.error());
  }
  if (limits.pids_max) {
    const auto limited = group.Limit("pids", "pids.max", *limits.pids_max);
    if (!limited) return Fail(limited.error());
  }
  return group;
}

// The parent group hands a controller on only when it is told to, and then has no processes itself,
// unless it is the root.
Result<void> Cgroup::Limit(const char* controller, const char* file, std::uint64_t value) {
  const std::string path = folder_ + "/" + file;
  const std::string text = std::to_string(value);
  int error = WriteTo(path, text);
  if (error == ENOENT || error == EACCES) {
    const std::string parent = folder_.substr(0, folder_.rfind('/'));
    WriteTo(parent + "/cgroup.subtree_control", std::string("+") + controller);
    error = WriteTo(path, text);
  }
  if (error == 0) return {};
  return Fail(Error::Errno(error == ENOENT ? EOPNOTSUPP : error,
                           path + ": the parent group does not offer this controller"));
}

Cgroup::~Cgroup() {
  if (!folder_.empty()) ::rmdir(folder_.c_str());
}

void Cgroup::Kill() { [[maybe_unused]] const ssize_t written = ::write(kill_.get(), "1", 1); }

std::optional<std::uint64_t> Cgroup::OomKills() const {
  std::ifstream events(folder_ + "/memory.events");
  std::string name;
  std::uint64_t count = 0;
  while (events >> name >> count) {
    if (name == "oom_kill") return count;
  }
  return std::nullopt;
}

}  // namespace portlab
