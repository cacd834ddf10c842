#include "faulty_drivers/trial/measure.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <future>
#include <thread>
#include <vector>

#include "faulty_drivers/trial/judge.h"

namespace portlab {
namespace {

constexpr std::size_t kLarge = 1040;
constexpr std::size_t kSmall = 100;
constexpr int kBlocks = 40'000;

char* Written(std::size_t size) {
  // Volatile: else a compiler may leave out what is freed unread.
  char* volatile block = static_cast<char*>(std::malloc(size));
  std::memset(block, 1, size);
  return block;
}

// As a flooded mailbox is freed: large and small blocks in turn, and a small one at the end of all.
void FillAndFree() {
  std::vector<char*> large;
  std::vector<char*> small;
  for (int i = 0; i < kBlocks; ++i) {
    large.push_back(Written(kLarge));
    small.push_back(Written(kSmall));
  }
  for (int i = 0; i < kBlocks - 1; ++i) std::free(small[static_cast<std::size_t>(i)]);
  for (char* block : large) std::free(block);
  std::free(small.back());
}

TEST(MeasureTest, MemoryThatAThreadFreedIsNotRetained) {
  FreedBlocksAreJoinedAtOnce();
  Runtime runtime;
  const Measure before = Measure::Take(runtime);
  std::promise<void> freed;
  std::promise<void> measured;
  std::thread other([&] {
    FillAndFree();
    freed.set_value();
    measured.get_future().wait();
  });
  freed.get_future().wait();
  const Retained kept = Measure::Take(runtime).Since(before);
  measured.set_value();
  other.join();
  EXPECT_LE(kept.memory_bytes, kRetainedMax);
}

TEST(MeasureTest, MemoryThatIsKeptIsRetained) {
  Runtime runtime;
  const Measure before = Measure::Take(runtime);
  char* kept = Written(2 * kRetainedMax);
  EXPECT_GT(Measure::Take(runtime).Since(before).memory_bytes, kRetainedMax);
  std::free(kept);
}

}  // namespace
}  // namespace portlab
