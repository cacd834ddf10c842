// The buffer that a driver is lent for a short reply, of control and of call.
//
// A driver that writes behind it writes into the host's stack on OTP. Here that is seen, by whoever
// sees best: a sanitizer, or else by the bytes behind, which must not have changed. A reply that is
// said to be longer than the buffer, and lies in it, is the host's memory handed to the caller.
//
// Threads: one. Errors: a breach of the contract (driver/contract.h). Source: driver_entry(3erl)
// control, call; otp_ports.md 2.4.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>

#include "driver/contract.h"
#include "driver/guarded_memory.h"
#include "erl_driver.h"
#include "port/lent_buffer.h"

// Whether the drivers of this build have a sanitizer that knows the ends of a heap block. A fuzz
// build's host has it only where the driver has it, too.
#if defined(PORTLAB_FUZZ_HOST) || defined(__SANITIZE_ADDRESS__)
#define PORTLAB_HEAP_IS_WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PORTLAB_HEAP_IS_WATCHED 1
#endif
#endif

namespace portlab {

// What stands behind a buffer: no driver writes this by chance.
inline constexpr std::array<unsigned char, 16> kBehindReplyBuffer = {
    0xa9, 0x5c, 0xe3, 0x1f, 0x86, 0xd2, 0x7b, 0x34, 0xc8, 0x65, 0x9e, 0x13, 0xf7, 0x4a, 0xb1, 0x2d};

// Reports, as Misuse does.
[[gnu::cold]] void ReplyBufferOverflow(const char* callback, std::size_t room);
[[gnu::cold]] void OverlongReply(const char* callback, ErlDrvSSizeT length, std::size_t room);

template <std::size_t kBytes>
class ReplyBuffer {
 public:
#if defined(PORTLAB_HEAP_IS_WATCHED)
  ReplyBuffer()
      : watched_(!GuardedMemory::on()),
        block_(kBytes + (watched_ ? std::size_t{0} : kBehindReplyBuffer.size())) {
    if (!watched_) Seal();
  }
  char* data() { return block_.data(); }
#else
  ReplyBuffer() { Seal(); }
  char* data() { return block_; }
#endif
  ReplyBuffer(const ReplyBuffer&) = delete;
  ReplyBuffer& operator=(const ReplyBuffer&) = delete;

  // After the callback, still in its scope: `reply` is where the driver says its answer is.
  void Check(const char* callback, ErlDrvSSizeT length, const char* reply) {
    if (WrittenBehind()) ReplyBufferOverflow(callback, kBytes);
    if (reply == data() && length > static_cast<ErlDrvSSizeT>(kBytes)) {
      OverlongReply(callback, length, kBytes);
    }
  }

 private:
  void Seal() {
    std::memcpy(data() + kBytes, kBehindReplyBuffer.data(), kBehindReplyBuffer.size());
  }
  bool Sealed() {
    return std::memcmp(data() + kBytes, kBehindReplyBuffer.data(), kBehindReplyBuffer.size()) == 0;
  }
#if defined(PORTLAB_HEAP_IS_WATCHED)
  bool WrittenBehind() { return !watched_ && !Sealed(); }

  const bool watched_;
  const LentBuffer block_;
#else
  bool WrittenBehind() { return !Sealed(); }

  char block_[kBytes + kBehindReplyBuffer.size()];
#endif
};

}  // namespace portlab
