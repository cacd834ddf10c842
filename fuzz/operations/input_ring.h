// The last inputs a host ran, in memory that survives it: what its parent looks through when the
// one it died of does nothing when run alone.
//
// A file that both map: the parent makes it before the host starts, and reads it when the host is
// dead. Threads: one on each side. Ownership: of the mapping; the file is the parent's. Units:
// bytes. Errors: errno, naming the file. Source: fuzzing.md 5.5.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "portlab/error.h"
#include "portlab/term.h"

namespace portlab {

class InputRing {
 public:
  static constexpr std::size_t kInputs = 64;

  // A new file, for inputs of up to `input_max` bytes.
  static Result<InputRing> Make(const std::string& path, std::size_t input_max);
  static Result<InputRing> Open(const std::string& path);
  InputRing(InputRing&& other) noexcept
      : map_(std::exchange(other.map_, nullptr)), size_(other.size_) {}
  InputRing& operator=(InputRing&&) = delete;
  ~InputRing();

  // Before the input is run. One that is longer than any should be is kept as far as there is room.
  void Add(Bytes input);
  // The last kInputs at most, oldest first; the one that is run, or was run last, is the last.
  std::vector<std::string> Inputs() const;

 private:
  InputRing(void* map, std::size_t size) : map_(map), size_(size) {}
  static Result<InputRing> Map(const std::string& path, int fd, std::size_t size);

  void* map_;
  std::size_t size_;
};

}  // namespace portlab
