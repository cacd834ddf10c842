#include "reports/output_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/unique_fd.h"

namespace portlab {
namespace {

constexpr const char* kTemporary = ".tmp";

// Written, on disk and closed without an error, which is when a full disk may be told at last.
Result<void> WriteWhole(const std::string& path, std::string_view content) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!fd) return Fail(SystemError("cannot write", path));
  if (auto written = WriteAll(fd.get(), content, path); !written) return written;
  if (::fsync(fd.get()) != 0 && errno != EINVAL) return Fail(SystemError("cannot write", path));
  if (::close(fd.Release()) != 0) return Fail(SystemError("cannot write", path));
  return {};
}

}  // namespace

Error SystemError(const std::string& what, const std::string& path) {
  const int number = errno;
  return Error::Errno(number, what + " " + path + ": " + std::strerror(number));
}

Result<void> WriteAll(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Fail(SystemError("cannot write", path));
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::string> ReadWholeFile(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return Fail(SystemError("cannot read", path));
  std::string text;
  std::array<char, 64 * 1024> buffer;
  for (;;) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got == 0) return text;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Fail(SystemError("cannot read", path));
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

Result<OutputFolder> OutputFolder::Open(const std::string& path) {
  OutputFolder folder(path);
  while (folder.path_.size() > 1 && folder.path_.back() == '/') folder.path_.pop_back();
  for (std::size_t at = 0; at != std::string::npos;) {
    at = folder.path_.find('/', at + 1);
    const std::string part = folder.path_.substr(0, at);
    if (::mkdir(part.c_str(), 0777) == 0) {
      folder.made_.push_back(part);
    } else if (errno != EEXIST) {
      return Fail(SystemError("cannot make the folder", part));
    }
  }
  struct stat facts = {};
  if (::stat(folder.path_.c_str(), &facts) != 0) {
    return Fail(SystemError("cannot use the folder", folder.path_));
  }
  if (!S_ISDIR(facts.st_mode)) {
    errno = ENOTDIR;
    return Fail(SystemError("cannot use the folder", folder.path_));
  }
  // Asking is not enough: a read-only mount or a full disk says so only when a file is made.
  const std::string probe = folder.PathOf("report.json") + kTemporary;
  UniqueFd fd(::open(probe.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!fd) return Fail(SystemError("cannot write", folder.path_));
  ::unlink(probe.c_str());
  return folder;
}

OutputFolder::OutputFolder(OutputFolder&& other) noexcept
    : path_(std::move(other.path_)), made_(std::exchange(other.made_, {})) {}

OutputFolder::~OutputFolder() {
  while (!made_.empty() && ::rmdir(made_.back().c_str()) == 0) made_.pop_back();
}

Result<void> OutputFolder::Write(const std::vector<File>& files) const {
  Result<void> result;
  std::size_t written = 0;
  for (; result && written < files.size(); ++written) {
    result = WriteWhole(PathOf(files[written].name) + kTemporary, files[written].content);
  }
  for (std::size_t i = 0; result && i < files.size(); ++i) {
    const std::string path = PathOf(files[i].name);
    if (::rename((path + kTemporary).c_str(), path.c_str()) != 0) {
      result = Fail(SystemError("cannot write", path));
    }
  }
  if (!result) {
    for (std::size_t i = 0; i < written; ++i)
      ::unlink((PathOf(files[i].name) + kTemporary).c_str());
  }
  return result;
}

}  // namespace portlab
