#include "fuzz/campaign/files.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <mutex>

#include "base/unique_fd.h"

namespace portlab {
namespace {

constexpr std::string_view kScratch = "portlab-fuzz-";

Result<void> WriteAndClose(UniqueFd fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Fail(FileError("write", path));
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  // A full disk may be told only now.
  if (::close(fd.Release()) != 0) return Fail(FileError("write", path));
  return {};
}

// A process that was killed could not remove its own: its number is in their names.
void RemoveOrphaned(const std::string& parent) {
  std::error_code error;
  std::vector<std::filesystem::path> orphaned;
  std::filesystem::directory_iterator entries(parent, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    if (!name.starts_with(kScratch)) continue;
    const pid_t owner = std::atoi(name.substr(kScratch.size()).c_str());
    if (owner > 0 && ::kill(owner, 0) != 0 && errno == ESRCH) orphaned.push_back(entries->path());
  }
  for (const std::filesystem::path& path : orphaned) std::filesystem::remove_all(path, error);
}

}  // namespace

Error FileError(const std::string& what, const std::string& path) {
  const int number = errno;
  return Error::Errno(number, "cannot " + what + " " + path + ": " + std::strerror(number));
}

Result<std::string> ReadFile(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return Fail(FileError("read", path));
  std::string text;
  std::array<char, 64 * 1024> buffer;
  for (;;) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got == 0) return text;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Fail(FileError("read", path));
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

Result<void> WriteFileWhole(const std::string& path, std::string_view content) {
  const std::string temporary = path + ".tmp" + std::to_string(::getpid());
  UniqueFd fd(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!fd) return Fail(FileError("write", path));
  Result<void> result = WriteAndClose(std::move(fd), content, path);
  if (result && ::rename(temporary.c_str(), path.c_str()) != 0) {
    result = Fail(FileError("write", path));
  }
  if (!result) ::unlink(temporary.c_str());
  return result;
}

Result<void> AppendToFile(const std::string& path, std::string_view content) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (!fd) return Fail(FileError("write", path));
  return WriteAndClose(std::move(fd), content, path);
}

Result<void> MakeFolder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    errno = error.value();
    return Fail(FileError("make the folder", path));
  }
  if (!std::filesystem::is_directory(path, error)) {
    errno = ENOTDIR;
    return Fail(FileError("use the folder", path));
  }
  return {};
}

Result<std::vector<std::string>> FilesIn(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> names;
  std::filesystem::directory_iterator entries(folder, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    std::error_code ignored;
    if (!name.starts_with('.') && entries->is_regular_file(ignored)) names.push_back(name);
  }
  if (error) {
    errno = error.value();
    return Fail(FileError("read the folder", folder));
  }
  std::ranges::sort(names);
  return names;
}

std::string ContentName(std::string_view content) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : content) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  std::string name;
  for (int shift = 60; shift >= 0; shift -= 4) name += "0123456789abcdef"[(hash >> shift) & 15];
  return name;
}

Result<ScratchFolder> ScratchFolder::Make() {
  std::error_code error;
  std::string parent = std::filesystem::temp_directory_path(error).string();
  if (error) parent = ".";
  static std::once_flag swept;
  std::call_once(swept, [&parent] { RemoveOrphaned(parent); });
  std::string path = parent + "/" + std::string(kScratch) + std::to_string(::getpid()) + "-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) return Fail(FileError("make a folder like", path));
  return ScratchFolder(path);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace portlab
