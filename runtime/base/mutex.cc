#include "base/mutex.h"

#include "base/futex.h"

namespace portlab {
namespace {

// A short lock is free again after a few instructions, unless its holder has lost the processor.
constexpr int kSpins = 100;

}  // namespace

void FutexWord::SleepWhileHeld() { FutexWait(state_, kHeldWithWaiters, kNoDeadline); }

void FutexWord::WakeOne(const FutexWord* word) { FutexWake(&word->state_, 1); }

void Mutex::LockSlow() {
  for (int i = 0; i < kSpins; ++i) {
    if (word_.TryTake()) return;
  }
  while (!word_.TakeWaiting()) word_.SleepWhileHeld();
}

}  // namespace portlab
