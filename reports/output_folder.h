// The folder a command writes to (--out), and whole files in it.
//
// Threads: one at a time. Ownership: folders that Open made are removed again by the destructor
// while they are empty: a command that failed leaves nothing behind.
// Errors: errno, with a detail for people: the path and the system's words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "portlab/error.h"

namespace portlab {

class OutputFolder {
 public:
  // Makes it, and its parents, where they are missing; finds out whether it can be written to.
  static Result<OutputFolder> Open(const std::string& path);
  OutputFolder(OutputFolder&& other) noexcept;
  OutputFolder& operator=(OutputFolder&&) = delete;
  ~OutputFolder();

  const std::string& path() const { return path_; }
  std::string PathOf(std::string_view name) const { return path_ + "/" + std::string(name); }

  struct File {
    std::string name;
    std::string content;
  };
  // All of them, or none: each is written under a temporary name and renamed when all are written.
  Result<void> Write(const std::vector<File>& files) const;

 private:
  explicit OutputFolder(std::string path) : path_(std::move(path)) {}

  std::string path_;
  std::vector<std::string> made_;  // outermost first
};

// Writes all of `text`, whatever it takes. Errors: errno, ENOSPC and EFBIG among them.
Result<void> WriteAll(int fd, std::string_view text, const std::string& path);

// The whole file. Errors: errno.
Result<std::string> ReadWholeFile(const std::string& path);

// "PATH: what: the system's words", for errno.
Error SystemError(const std::string& what, const std::string& path);

}  // namespace portlab
