// Files of a campaign: read whole, written whole or not at all.
//
// Threads: any, on different files. Ownership: nothing stays open. Errors: errno, with a sentence
// for people that names the path and says what the system said.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "portlab/error.h"

namespace portlab {

// "cannot WHAT PATH: the system's words", for errno.
Error FileError(const std::string& what, const std::string& path);

Result<std::string> ReadFile(const std::string& path);

// Under a temporary name first, then renamed: whoever reads `path` sees the old or the new content,
// whenever this process is killed.
Result<void> WriteFileWhole(const std::string& path, std::string_view content);
Result<void> AppendToFile(const std::string& path, std::string_view content);

// With its parents.
Result<void> MakeFolder(const std::string& path);
// The regular files in a folder, by name, in order; without those that begin with a dot.
Result<std::vector<std::string>> FilesIn(const std::string& folder);

// For a file's name: equal contents have equal names. Not against anybody.
std::string ContentName(std::string_view content);

// A folder of its own under $TMPDIR or /tmp, removed with all that is in it; also those that killed
// processes left there.
class ScratchFolder {
 public:
  static Result<ScratchFolder> Make();
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();
  const std::string& path() const { return path_; }

 private:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace portlab
