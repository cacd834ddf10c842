#include "fuzz/input_residue.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <utility>

#include "base/binary_block.h"
#include "base/copy_bytes.h"
#include "driver/driver_memory.h"
#include "fuzz/driver_under_test.h"

namespace portlab {
namespace {

// A driver may fill a cache for a while; not for ever with the same input.
constexpr int kRunsAgain = 4;

// Where each stands among the counts.
enum Rule : std::size_t { kFds, kThreads, kBlocks, kBinaries };
constexpr std::array kRules = {
    "fd-leak: every run of this input leaves a descriptor open",
    "thread-leak: every run of this input leaves a thread behind",
    "block-leak: every run of this input keeps memory of driver_alloc",
    "binary-leak: every run of this input keeps a driver binary, or a reference to one"};

// A folder has a link from each of its subfolders.
std::int64_t Threads(int tasks) {
  struct stat status = {};
  return ::fstat(tasks, &status) == 0 ? static_cast<std::int64_t>(status.st_nlink) : 0;
}

}  // namespace

InputResidue::InputResidue()
    : tasks_(::open("/proc/self/task", O_RDONLY | O_CLOEXEC)), last_(Count()) {}

// It rises when a descriptor is opened and stays open. Cheaper than counting them, and so is asking
// whether it is still free.
std::int64_t InputResidue::LowestFreeFd() {
  if (::fcntl(free_fd_, F_GETFD) < 0) return free_fd_;
  free_fd_ = ::fcntl(tasks_.get(), F_DUPFD_CLOEXEC, 0);
  if (free_fd_ >= 0) ::close(free_fd_);
  return free_fd_;
}

void InputResidue::Copy::Take(Bytes input) {
  if (room.size() < input.size()) room.resize(input.size());
  CopyBytes(room.data(), input.data(), input.size());
  size = input.size();
}

InputResidue::Counts InputResidue::Count() {
  return {LowestFreeFd(), Threads(tasks_.get()), LiveDriverBlocks(), BinaryBlock::live()};
}

void InputResidue::Watch(Bytes input, const std::function<void()>& run) {
  if (!made_by_fuzzer_) return WatchAlone(run);
  if (!std::exchange(is_suspect_, false)) return WatchWithOthers(input, run);
  last_ = Count();
  WatchAlone(run);
}

void InputResidue::WatchAlone(const std::function<void()>& run) {
  std::array<bool, kRules.size()> grew;
  grew.fill(true);
  for (int runs = 0; runs <= kRunsAgain; ++runs) {
    run();
    const Counts before = std::exchange(last_, Count());
    bool any = false;
    for (std::size_t i = 0; i < grew.size(); ++i) {
      grew[i] = grew[i] && last_[i] > before[i];
      any = any || grew[i];
    }
    if (!any) return;
  }
  for (std::size_t i = 0; i < grew.size(); ++i) {
    if (grew[i]) DriverUnderTest::Fail(kRules[i]);
  }
}

void InputResidue::WatchWithOthers(Bytes input, const std::function<void()>& run) {
  inputs_[together_++].Take(input);
  run();
  const std::int64_t blocks = std::exchange(last_[kBlocks], LiveDriverBlocks());
  const std::int64_t binaries = std::exchange(last_[kBinaries], BinaryBlock::live());
  const bool more_memory = last_[kBlocks] > blocks || last_[kBinaries] > binaries;
  if (together_ < kTogether && !more_memory) return;
  const Counts before = std::exchange(last_, Count());
  // Of memory it was this one; of the rest, one of them all.
  if (more_memory) WatchAlone(run);
  if (last_[kFds] > before[kFds] || last_[kThreads] > before[kThreads]) suspects_ = together_;
  together_ = 0;
}

std::optional<Bytes> InputResidue::NextSuspect() {
  made_by_fuzzer_ = true;
  if (suspects_ == 0) return std::nullopt;
  is_suspect_ = true;
  return inputs_[--suspects_].bytes();
}

}  // namespace portlab
