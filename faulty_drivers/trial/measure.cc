#include "faulty_drivers/trial/measure.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

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

}  // namespace

std::int64_t ResidentBytes(const std::string& process) {
  std::ifstream statm("/proc/" + process + "/statm");
  std::int64_t total = 0;
  std::int64_t resident = 0;
  if (!(statm >> total >> resident)) return 0;
  return resident * ::sysconf(_SC_PAGESIZE);
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

ResourceWatcher::ResourceWatcher() : peak_(ResidentBytes("self")) {
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
  const std::int64_t now = ResidentBytes("self");
  if (now > peak_.load(std::memory_order_relaxed)) peak_.store(now, std::memory_order_relaxed);
}

}  // namespace portlab
