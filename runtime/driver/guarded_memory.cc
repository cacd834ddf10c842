#include "driver/guarded_memory.h"

#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <unordered_map>

#include "base/binary_block.h"
#include "base/mutex.h"
#include "driver/callback_scope.h"
#include "driver/driver_memory.h"
#include "driver/guard_report.h"
#include "driver/guarded_region.h"

namespace portlab {
namespace {

// A binary's bytes start 16 behind its block, and have OTP's alignment at this one.
constexpr std::size_t kBinaryAlignment = 8;
constexpr std::size_t kSignalStackBytes = 64 * 1024;

CallbackKind CallbackNow() {
  const CallbackScope* scope = CallbackScope::Current();
  return scope == nullptr ? CallbackKind::kNone : scope->kind;
}

class Guard {
 public:
  // Never destroyed: a driver may free in a destructor, after exit().
  static Guard& Get() {
    static Guard& guard = *new Guard;
    return guard;
  }

  void* Allocate(std::size_t size, std::size_t alignment) EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return AllocateLocked(size, alignment);
  }
  void* Reallocate(void* block, std::size_t size, std::size_t alignment) EXCLUDES(mutex_);
  void Free(void* block) EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    FreeLocked(block);
  }
  void ExpectMayBeFreed(const void* block) EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    CheckedSlot(block);
  }
  GuardedCounts Counts() EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return {region_.live_slots(), region_.quarantined_slots(), unguarded_count_};
  }

 private:
  Guard()
      : region_(GuardedRegion::SystemBounds()), older_(LiveDriverBlocks() + BinaryBlock::live()) {
    ReportFaultsIn(region_);
  }

  void* AllocateLocked(std::size_t size, std::size_t alignment) REQUIRES(mutex_);
  void FreeLocked(void* block) REQUIRES(mutex_);
  // Null: malloc gave it. Stops the host when it is none that may be freed.
  GuardedSlot* CheckedSlot(const void* block) REQUIRES(mutex_);
  void CheckDamage(const GuardedSlot& slot) REQUIRES(mutex_);

  Mutex mutex_;
  GuardedRegion region_;  // its lock-free part is the signal handler's, too
  std::unordered_map<const void*, std::size_t> unguarded_ GUARDED_BY(mutex_);  // and their sizes
  std::int64_t unguarded_count_ GUARDED_BY(mutex_) = 0;
  // Blocks from before: what is not known may be one of them.
  std::int64_t older_ GUARDED_BY(mutex_);
};

void* Guard::AllocateLocked(std::size_t size, std::size_t alignment) {
  if (char* block = region_.Take(size, alignment, CallbackNow())) return block;
  void* block = std::malloc(std::max<std::size_t>(size, 1));
  if (block == nullptr) return nullptr;
  unguarded_[block] = size;
  ++unguarded_count_;
  return block;
}

GuardedSlot* Guard::CheckedSlot(const void* block) {
  GuardLine line;
  GuardedSlot* slot = region_.Find(block);
  if (slot == nullptr) {
    const bool ours = unguarded_.contains(block) || (older_ > 0 && !region_.Contains(block));
    if (ours) return nullptr;
    StopForGuard(line << kGuardMark << "bad-free: of a pointer that was never allocated");
  }
  const bool is_begin = region_.BlockOf(*slot) == block;
  if (slot->state.load() == GuardedSlot::kLive && is_begin) return slot;
  line << kGuardMark;
  is_begin ? line << "double-free: of " : line << "bad-free: of a pointer into ";
  StopForGuard(line.Block(*slot));
}

void Guard::CheckDamage(const GuardedSlot& slot) {
  std::size_t distance = 0;
  const auto damage = region_.Damaged(slot, distance);
  if (damage == GuardedRegion::Damage::kNone) return;
  GuardLine line;
  line << kGuardMark;
  if (damage == GuardedRegion::Damage::kBehind) {
    line << "heap-overflow: found when freed, write " << distance << " bytes past the end of ";
  } else {
    line << "heap-underflow: found when freed, write " << distance << " bytes before the begin of ";
  }
  StopForGuard(line.Block(slot));
}

void Guard::FreeLocked(void* block) {
  if (GuardedSlot* slot = CheckedSlot(block)) {
    CheckDamage(*slot);
    region_.Retire(*slot, CallbackNow());
    return;
  }
  if (unguarded_.erase(block) == 0) --older_;
  std::free(block);
}

void* Guard::Reallocate(void* block, std::size_t size, std::size_t alignment) {
  MutexLock lock(mutex_);
  const GuardedSlot* slot = CheckedSlot(block);
  const auto unguarded = unguarded_.find(block);
  if (slot == nullptr && unguarded == unguarded_.end()) {
    return std::realloc(block, std::max<std::size_t>(size, 1));  // as old as before
  }
  const std::size_t old_size = slot != nullptr ? slot->size.load() : unguarded->second;
  void* moved = AllocateLocked(size, alignment);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, block, std::min(size, old_size));
  FreeLocked(block);
  return moved;
}

// A thread's stack for signals, for as long as the thread lives.
class SignalStack {
 public:
  SignalStack() {
    stack_t now = {};
    ::sigaltstack(nullptr, &now);
    if ((now.ss_flags & SS_DISABLE) == 0) return;  // somebody else's
    memory_ = std::make_unique<char[]>(kSignalStackBytes);
    stack_t ours = {};
    ours.ss_sp = memory_.get();
    ours.ss_size = kSignalStackBytes;
    ::sigaltstack(&ours, nullptr);
  }
  ~SignalStack() {
    if (memory_ == nullptr) return;
    stack_t none = {};
    none.ss_flags = SS_DISABLE;
    ::sigaltstack(&none, nullptr);
  }
  SignalStack(const SignalStack&) = delete;
  SignalStack& operator=(const SignalStack&) = delete;

 private:
  std::unique_ptr<char[]> memory_;
};

}  // namespace

void GuardedMemory::TurnOn() {
  if (on_.load()) return;
  Guard::Get();
  static constexpr BinaryBlock::Memory kMemory = {
      [](std::size_t bytes) { return Allocate(bytes, kBinaryAlignment); },
      [](void* block, std::size_t bytes) { return Reallocate(block, bytes, kBinaryAlignment); },
      [](void* block) { Free(block); }};
  BinaryBlock::UseMemory(kMemory);
  on_.store(true);
  GiveThisThreadASignalStack();
}

void* GuardedMemory::Allocate(std::size_t size, std::size_t alignment) {
  return Guard::Get().Allocate(size, alignment);
}

void* GuardedMemory::Reallocate(void* block, std::size_t size, std::size_t alignment) {
  if (block == nullptr) return Allocate(size, alignment);
  return Guard::Get().Reallocate(block, size, alignment);
}

void GuardedMemory::Free(void* block) {
  if (block != nullptr) Guard::Get().Free(block);
}

void GuardedMemory::ExpectMayBeFreed(const void* block) { Guard::Get().ExpectMayBeFreed(block); }

GuardedCounts GuardedMemory::Counts() { return Guard::Get().Counts(); }

void GuardedMemory::GiveThisThreadASignalStack() {
  static thread_local const SignalStack stack;
  (void)stack;
}

}  // namespace portlab
