// The flight recorder: a page of memory that survives the host. A supervising parent maps it before
// the trial and reads it after, whatever became of the child: which callback was running, which API
// call came last, how far it got, and whether the host said goodbye (exit(0) from a driver says
// none).
//
// Threads: written from any thread with relaxed stores; the parent reads when the child is dead.
// Ownership: the page is the mapper's. Without a mapped page a private static one is used, so
// writing never needs a test.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/thread_lane.h"

namespace portlab {

struct BlackBox {
  static constexpr std::uint32_t kGoodbye = 0x600dbe11;

  std::atomic<std::uint32_t> goodbye{0};      // kGoodbye: the host ended on purpose
  std::atomic<std::uint32_t> phase{0};        // meaning is the trial's
  std::atomic<std::uint64_t> port{0};         // number of the port whose callback was entered last
  std::atomic<std::int64_t> entered_at{0};    // CLOCK_MONOTONIC nanoseconds
  std::atomic<std::int64_t> triggered_at{0};  // when the trial pulled the trigger
  std::atomic<std::uint32_t> callback{0};     // CallbackKind entered last (base/callback_kind.h)
  std::atomic<std::uint32_t> api_call{
      0};                  // line number, from 1, in driver_api/exported_symbols.txt; 0: none yet
  char message[256] = {};  // why the host stopped itself: contract report, missing function

  // What each thread counts (base/thread_lane.h).
  struct alignas(64) Lane {
    std::atomic<std::uint64_t> callbacks_entered{0};
    std::atomic<std::uint64_t> callbacks_left{0};
    std::atomic<std::uint64_t> api_calls{0};
  };
  Lane lanes[ThreadLane::kLanes];

  void CallbackEntered() { Count(&Lane::callbacks_entered); }
  void CallbackLeft() { Count(&Lane::callbacks_left); }
  void ApiCalled() { Count(&Lane::api_calls); }
  std::uint64_t callbacks_entered() const { return Sum(&Lane::callbacks_entered); }
  std::uint64_t callbacks_left() const { return Sum(&Lane::callbacks_left); }
  std::uint64_t api_calls() const { return Sum(&Lane::api_calls); }
  // Some callback has been entered and not left.
  bool InsideCallback() const;

  void set_message(const char* text);

  static BlackBox& Get() { return *current_.load(std::memory_order_acquire); }
  // From now on Get() is the page at `fd` (a memfd of at least sizeof(BlackBox)). False: it could
  // not be mapped.
  static bool MapFrom(int fd);

 private:
  using Counter = std::atomic<std::uint64_t> Lane::*;
  void Count(Counter counter) {
    const std::uint32_t lane = ThreadLane::Mine();
    ThreadLane::Add(lanes[lane].*counter, 1, lane);
  }
  std::uint64_t Sum(Counter counter) const;

  static std::atomic<BlackBox*> current_;
};

// Ends the host because of what a driver did, after writing `text` to the black box and stderr.
// Exit status kExitContract.
inline constexpr int kExitContract = 86;
[[noreturn]] void StopHost(const char* text);

}  // namespace portlab
