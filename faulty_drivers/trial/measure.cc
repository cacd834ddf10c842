#include "faulty_drivers/trial/measure.h"

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "base/binary_block.h"
#include "driver/driver_memory.h"

// Of the address sanitizer's runtime; null without it.
extern "C" [[gnu::weak]] std::size_t __sanitizer_get_current_allocated_bytes();

namespace portlab {
namespace {

constexpr auto kSampleEvery = std::chrono::milliseconds(5);

int EntriesIn(const char* folder) {
  std::error_code ignored;
  int count = 0;
  for (std::filesystem::directory_iterator at(folder, ignored), end; at != end;
       at.increment(ignored))
    ++count;
  return count;
}

std::int64_t HeapBytes() {
  if (&__sanitizer_get_current_allocated_bytes != nullptr) {
    return static_cast<std::int64_t>(__sanitizer_get_current_allocated_bytes());
  }
  const struct mallinfo2 info = ::mallinfo2();
  return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
}

std::int64_t ReadResident(const UniqueFd& statm) {
  char text[128];
  const ssize_t got = ::pread(statm.get(), text, sizeof(text) - 1, 0);
  if (got <= 0) return 0;
  text[got] = '\0';
  long total = 0;
  long resident = 0;
  if (std::sscanf(text, "%ld %ld", &total, &resident) != 2) return 0;
  return std::int64_t{resident} * ::sysconf(_SC_PAGESIZE);
}

}  // namespace

void FreedBlocksAreJoinedAtOnce() { ::mallopt(M_MXFAST, 0); }

std::int64_t ResidentBytes(const std::string& process) {
  return ReadResident(
      UniqueFd(::open(("/proc/" + process + "/statm").c_str(), O_RDONLY | O_CLOEXEC)));
}

Measure Measure::Take(const Runtime& runtime) {
  ::malloc_trim(0);
  Measure now;
  now.resident_bytes = ResidentBytes("self");
  now.heap_bytes = HeapBytes();
  now.fds = EntriesIn("/proc/self/fd");
  now.threads = EntriesIn("/proc/self/task");
  now.port_count = static_cast<int>(runtime.port_count());
  now.driver_blocks = static_cast<int>(LiveDriverBlocks());
  now.binaries = static_cast<int>(BinaryBlock::live());
  return now;
}

Measure Measure::TakeWhen(const Runtime& runtime, Nanos deadline,
                          const std::function<bool(const Measure&)>& as_expected) {
  for (;;) {
    const Measure now = Take(runtime);
    if (as_expected(now) || MonotonicNow() >= deadline) return now;
    std::this_thread::sleep_for(kSampleEvery);
  }
}

bool Measure::SameCounts(const Measure& other) const {
  return fds == other.fds && threads == other.threads && port_count == other.port_count &&
         driver_blocks == other.driver_blocks && binaries == other.binaries;
}

Retained Measure::Since(const Measure& before) const {
  Retained kept;
  const std::int64_t heap = heap_bytes - before.heap_bytes;
  const std::int64_t resident = resident_bytes - before.resident_bytes;
  // A sanitizer keeps freed memory on purpose; its own count of what is in use is the true one.
  const bool sanitized = &__sanitizer_get_current_allocated_bytes != nullptr;
  kept.memory_bytes = sanitized ? heap : std::max(heap, resident);
  kept.fds = fds - before.fds;
  kept.threads = threads - before.threads;
  kept.port_count = port_count - before.port_count;
  kept.driver_blocks = driver_blocks - before.driver_blocks;
  kept.binaries = binaries - before.binaries;
  return kept;
}

ResourceWatcher::ResourceWatcher()
    : statm_(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC)), peak_(ReadResident(statm_)) {
  thread_ = std::thread([this] {
    while (!stopping_.load(std::memory_order_relaxed)) {
      Sample();
      std::this_thread::sleep_for(kSampleEvery);
    }
  });
}

ResourceWatcher::~ResourceWatcher() {
  stopping_.store(true);
  thread_.join();
}

void ResourceWatcher::Sample() {
  const std::int64_t now = ReadResident(statm_);
  if (now > peak_.load(std::memory_order_relaxed)) peak_.store(now, std::memory_order_relaxed);
}

}  // namespace portlab
