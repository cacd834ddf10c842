#include "fuzz/operations/input_ring.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "base/unique_fd.h"

namespace portlab {
namespace {

// The file is a Head and kInputs slots, each a length and the bytes.
struct Head {
  std::atomic<std::uint64_t> added;
};
using Length = std::uint64_t;

std::size_t SlotBytes(std::size_t file_bytes) {
  return (file_bytes - sizeof(Head)) / InputRing::kInputs;
}

Head& HeadOf(void* map) { return *static_cast<Head*>(map); }

char* SlotOf(void* map, std::size_t file_bytes, std::uint64_t number) {
  return static_cast<char*>(map) + sizeof(Head) +
         SlotBytes(file_bytes) * (number % InputRing::kInputs);
}

}  // namespace

Result<InputRing> InputRing::Map(const std::string& path, int fd, std::size_t size) {
  void* map = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (map == MAP_FAILED) return Fail(Error::Errno(errno, path + " cannot be mapped"));
  return InputRing(map, size);
}

Result<InputRing> InputRing::Make(const std::string& path, std::size_t input_max) {
  const UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return Fail(Error::Errno(errno, path + " cannot be made"));
  // Slots begin where a length may stand.
  const std::size_t slot =
      (sizeof(Length) + input_max + alignof(Length) - 1) / alignof(Length) * alignof(Length);
  const std::size_t size = sizeof(Head) + kInputs * slot;
  if (::ftruncate(file.get(), static_cast<off_t>(size)) != 0) {
    return Fail(Error::Errno(errno, path + " cannot be made as large as it must be"));
  }
  return Map(path, file.get(), size);
}

Result<InputRing> InputRing::Open(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  struct stat status = {};
  if (!file || ::fstat(file.get(), &status) != 0) {
    return Fail(Error::Errno(errno, path + " cannot be opened"));
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size < sizeof(Head) + kInputs * sizeof(Length)) {
    return Fail(Error::BadArg(path + " is no ring of inputs: it is too short"));
  }
  return Map(path, file.get(), size);
}

InputRing::~InputRing() {
  if (map_ != nullptr) ::munmap(map_, size_);
}

void InputRing::Add(Bytes input) {
  const std::uint64_t number = HeadOf(map_).added.load(std::memory_order_relaxed);
  char* slot = SlotOf(map_, size_, number);
  const Length length = std::min<Length>(input.size(), SlotBytes(size_) - sizeof(Length));
  std::memcpy(slot, &length, sizeof(length));
  if (length > 0) std::memcpy(slot + sizeof(length), input.data(), length);
  HeadOf(map_).added.store(number + 1, std::memory_order_release);
}

std::vector<std::string> InputRing::Inputs() const {
  const std::uint64_t added = HeadOf(map_).added.load(std::memory_order_acquire);
  std::vector<std::string> inputs;
  for (std::uint64_t number = added - std::min<std::uint64_t>(added, kInputs); number < added;
       ++number) {
    const char* slot = SlotOf(map_, size_, number);
    Length length = 0;
    std::memcpy(&length, slot, sizeof(length));
    // The host may have scribbled here as well.
    length = std::min<Length>(length, SlotBytes(size_) - sizeof(length));
    inputs.emplace_back(slot + sizeof(length), length);
  }
  return inputs;
}

}  // namespace portlab
