// Whether anything still comes of the callback that a trial watches: what tells a slow driver from
// one that is stuck. A thread that is late says nothing of its own, so what counts is what it
// causes: messages, and memory. A scheduler thread outside any callback, as when it frees a
// mailbox, is never stuck.
//
// Threads: one. Units: Nanos of MonotonicNow; bytes.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/order.h"
#include "faulty_drivers/trial/judge.h"

namespace portlab {

class SignsOfLife {
 public:
  struct Look {
    Nanos at = 0;
    std::int64_t mailbox_bytes = 0;
    std::int64_t peak_bytes = 0;  // of the host's memory
    bool inside_callback = false;
  };

  SignsOfLife(const Look& first, Nanos patience)
      : last_(first), patience_(patience), last_sign_(first.at), peak_(first.peak_bytes) {}

  void Note(const Look& look) {
    const bool takes_memory = look.peak_bytes > peak_ + kSignOfMemory;
    const bool sends = look.mailbox_bytes != last_.mailbox_bytes;
    if (takes_memory) peak_ = look.peak_bytes;
    if (takes_memory || sends || !look.inside_callback) last_sign_ = look.at;
    last_ = look;
  }

  // Long enough to ask which threads are in a callback.
  bool Paused() const { return Quiet() > kStuckAfterMs * kMillisecond; }
  // Longer than a callback may be late: what hangs has done so since the fault. One that has sent
  // very much waits for more memory, perhaps, and a busy machine gives that late.
  bool Ended() const {
    const bool flooded = last_.mailbox_bytes > kMailboxMax;
    return Quiet() > (flooded ? std::max(patience_, kLateMemory) : patience_);
  }

 private:
  // More than the work of bystanders adds.
  static constexpr std::int64_t kSignOfMemory = 64 << 10;
  static constexpr Nanos kLateMemory = 5'000 * kMillisecond;

  Nanos Quiet() const { return last_.at - last_sign_; }

  Look last_;
  const Nanos patience_;
  Nanos last_sign_;
  std::int64_t peak_;  // when it last was a sign
};

}  // namespace portlab
