#include "fuzz/input_residue.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "base/binary_block.h"
#include "driver/driver_memory.h"
#include "fuzz/driver_under_test.h"

namespace portlab {
namespace {

// A driver may fill a cache for a while; not for ever with the same input.
constexpr int kRunsAgain = 4;

constexpr std::array kRules = {
    "fd-leak: every run of this input leaves a descriptor open",
    "thread-leak: every run of this input leaves a thread behind",
    "block-leak: every run of this input keeps memory of driver_alloc",
    "binary-leak: every run of this input keeps a driver binary, or a reference to one"};

// The lowest descriptor that is free: it rises when one is opened and stays open. Cheaper than
// counting them, and an input is run for every microsecond of this.
std::int64_t LowestFreeFd(int any) {
  const int lowest = ::fcntl(any, F_DUPFD_CLOEXEC, 0);
  if (lowest >= 0) ::close(lowest);
  return lowest;
}

// A folder has a link from each of its subfolders.
std::int64_t Threads(int tasks) {
  struct stat status = {};
  return ::fstat(tasks, &status) == 0 ? static_cast<std::int64_t>(status.st_nlink) : 0;
}

}  // namespace

InputResidue::InputResidue() : tasks_(::open("/proc/self/task", O_RDONLY | O_CLOEXEC)) {}

InputResidue::Counts InputResidue::Count() const {
  return {LowestFreeFd(tasks_.get()), Threads(tasks_.get()), LiveDriverBlocks(),
          BinaryBlock::live()};
}

void InputResidue::Watch(const std::function<void()>& run) {
  Counts before = Count();
  std::array<bool, kRules.size()> grew;
  grew.fill(true);
  for (int runs = 0; runs <= kRunsAgain; ++runs) {
    run();
    const Counts after = Count();
    bool any = false;
    for (std::size_t i = 0; i < grew.size(); ++i) {
      grew[i] = grew[i] && after[i] > before[i];
      any = any || grew[i];
    }
    if (!any) return;
    before = after;
  }
  for (std::size_t i = 0; i < grew.size(); ++i) {
    if (grew[i]) DriverUnderTest::Fail(kRules[i]);
  }
}

}  // namespace portlab
