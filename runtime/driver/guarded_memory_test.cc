// Each death test turns the guard on in its child only: it is for good.
#include "driver/guarded_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "base/binary_block.h"
#include "base/black_box.h"
#include "driver/callback_scope.h"
#include "driver/driver_memory.h"

namespace portlab {
namespace {

using testing::ExitedWithCode;
using testing::KilledBySignal;

bool Sanitized() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return true;
#else
  return false;
#endif
#else
  return false;
#endif
}

// What a driver does: the compiler must not see through it.
char* BlockOf(std::size_t size) {
  GuardedMemory::TurnOn();
  CallbackScope scope(CallbackKind::kStart, PortId{}, nullptr, Pid{});
  char* volatile block = static_cast<char*>(AllocateForDriver(size));
  return block;
}

void FreeInStop(char* block) {
  CallbackScope scope(CallbackKind::kStop, PortId{}, nullptr, Pid{});
  FreeForDriver(block);
}

void WriteAt(char* at) { *static_cast<volatile char*>(at) = 'x'; }
int ReadAt(char* at) { return *static_cast<volatile char*>(at); }

class GuardedMemoryDeathTest : public testing::Test {
 protected:
  void SetUp() override {
    if (Sanitized()) GTEST_SKIP() << "the sanitizer finds these itself, and has the signal";
  }
};

TEST_F(GuardedMemoryDeathTest, WritePastTheEndOfAFullBlockFaults) {
  EXPECT_EXIT(WriteAt(BlockOf(64) + 64), KilledBySignal(SIGSEGV),
              "guard:heap-overflow: [a-z]+ 1 bytes past the end of the 64-byte block allocated in "
              "start");
}

TEST_F(GuardedMemoryDeathTest, ReadFarPastTheEndFaults) {
  EXPECT_EXIT(ReadAt(BlockOf(10'000) + 10'000 + 100), KilledBySignal(SIGSEGV),
              "guard:heap-overflow: [a-z]+ 101 bytes past the end of the 10000-byte block");
}

TEST_F(GuardedMemoryDeathTest, WriteWithinTheSlackIsFoundWhenFreed) {
  EXPECT_EXIT(
      {
        char* block = BlockOf(61);
        WriteAt(block + 61);
        FreeInStop(block);
      },
      KilledBySignal(SIGABRT),
      "guard:heap-overflow: found when freed, write 1 bytes past the end of the 61-byte block");
}

TEST_F(GuardedMemoryDeathTest, WriteBeforeABlockOfWholePagesFaults) {
  EXPECT_EXIT(WriteAt(BlockOf(8192) - 1), KilledBySignal(SIGSEGV),
              "guard:heap-underflow: [a-z]+ 1 bytes before the begin of the 8192-byte block");
}

TEST_F(GuardedMemoryDeathTest, WriteBeforeASmallBlockIsFoundWhenResized) {
  EXPECT_EXIT(
      {
        char* block = BlockOf(64);
        WriteAt(block - 8);
        ReallocateForDriver(block, 100);
      },
      KilledBySignal(SIGABRT),
      "guard:heap-underflow: found when freed, write 8 bytes before the begin");
}

TEST_F(GuardedMemoryDeathTest, UseAfterFreeFaultsAndNamesBothCallbacks) {
  EXPECT_EXIT(
      {
        char* block = BlockOf(100);
        FreeInStop(block);
        WriteAt(block + 3);
      },
      KilledBySignal(SIGSEGV),
      "guard:use-after-free: [a-z]+ at offset 3 of the 100-byte block allocated in start, freed in "
      "stop");
}

TEST_F(GuardedMemoryDeathTest, OldPlaceOfAResizedBlockIsFreed) {
  EXPECT_EXIT(
      {
        char* block = BlockOf(100);
        ReallocateForDriver(block, 200);
        ReadAt(block);
      },
      KilledBySignal(SIGSEGV), "guard:use-after-free: .* of the 100-byte block");
}

TEST_F(GuardedMemoryDeathTest, SecondFreeStopsAtOnce) {
  EXPECT_EXIT(
      {
        char* block = BlockOf(100);
        FreeInStop(block);
        FreeInStop(block);
      },
      KilledBySignal(SIGABRT),
      "guard:double-free: of the 100-byte block allocated in start, freed in stop");
}

TEST_F(GuardedMemoryDeathTest, ForeignPointerStopsAtOnce) {
  static char foreign[16];
  const auto free_after_turning_on = [](char* block) {
    GuardedMemory::TurnOn();
    FreeInStop(block);
  };
  EXPECT_EXIT(free_after_turning_on(foreign), KilledBySignal(SIGABRT),
              "guard:bad-free: of a pointer that was never allocated");
  EXPECT_EXIT(free_after_turning_on(static_cast<char*>(std::malloc(1))), KilledBySignal(SIGABRT),
              "guard:bad-free: of a pointer that was never allocated");
  EXPECT_EXIT(FreeInStop(BlockOf(100) + 16), KilledBySignal(SIGABRT),
              "guard:bad-free: of a pointer into the 100-byte block");
}

TEST_F(GuardedMemoryDeathTest, BinariesAreGuarded) {
  EXPECT_EXIT(
      {
        GuardedMemory::TurnOn();
        BinaryBlock* block = BinaryBlock::Allocate(8);
        WriteAt(block->bytes() + 8);
      },
      KilledBySignal(SIGSEGV), "guard:heap-overflow: .* of the 24-byte block");
  EXPECT_EXIT(
      {
        GuardedMemory::TurnOn();
        BinaryBlock* block = BinaryBlock::Allocate(8);
        block->Release();
        ReadAt(block->bytes());
      },
      KilledBySignal(SIGSEGV), "guard:use-after-free");
}

TEST_F(GuardedMemoryDeathTest, OtherFaultsAreNotItsOwn) {
  EXPECT_EXIT(WriteAt(BlockOf(64) - (std::uintptr_t{1} << 44)), KilledBySignal(SIGSEGV), "^$");
}

TEST_F(GuardedMemoryDeathTest, BlackBoxHasTheMessage) {
  const int page = ::memfd_create("black_box", MFD_CLOEXEC);
  ASSERT_EQ(::ftruncate(page, sizeof(BlackBox)), 0);
  EXPECT_EXIT(
      {
        BlackBox::MapFrom(page);
        WriteAt(BlockOf(64) + 64);
      },
      KilledBySignal(SIGSEGV), "");
  BlackBox box;
  ASSERT_EQ(::pread(page, &box.message, sizeof box.message, offsetof(BlackBox, message)),
            static_cast<ssize_t>(sizeof box.message));
  ::close(page);
  EXPECT_THAT(box.message, testing::StartsWith("guard:heap-overflow: "));
}

// The same as in a host without it, in a child.
TEST_F(GuardedMemoryDeathTest, WellBehavedDriverSeesNoDifference) {
  const auto behave = [] {
    BinaryBlock* older = BinaryBlock::Allocate(7);
    void* older_block = AllocateForDriver(7);
    GuardedMemory::TurnOn();
    char* block = static_cast<char*>(AllocateForDriver(0));
    bool good = block != nullptr && reinterpret_cast<std::uintptr_t>(block) % 16 == 0;
    block = static_cast<char*>(ReallocateForDriver(block, 6));
    std::memcpy(block, "hello", 6);
    block = static_cast<char*>(ReallocateForDriver(block, 100'000));
    good = good && std::strcmp(block, "hello") == 0 && GuardedMemory::Counts().live == 1;
    FreeForDriver(block);
    FreeForDriver(nullptr);
    BinaryBlock* binary = BinaryBlock::Allocate(5);
    std::memcpy(binary->bytes(), "12345", 5);
    binary = BinaryBlock::Reallocate(binary, 50'000);
    good = good && std::memcmp(binary->bytes(), "12345", 5) == 0 && binary->size == 50'000;
    binary->Release();
    older->Release();
    FreeForDriver(older_block);
    good = good && AllocateForDriver(SIZE_MAX / 2) == nullptr;
    const GuardedCounts counts = GuardedMemory::Counts();
    good = good && counts.live == 0 && counts.quarantined == 5 && counts.unguarded == 0;
    ::_exit(good && LiveDriverBlocks() == 0 && BinaryBlock::live() == 0 ? 0 : 1);
  };
  EXPECT_EXIT(behave(), ExitedWithCode(0), "");
}

TEST(GuardedMemoryTest, IsOffUnlessTurnedOn) { EXPECT_FALSE(GuardedMemory::on()); }

}  // namespace
}  // namespace portlab
