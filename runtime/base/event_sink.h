// How fd events, timers and finished async jobs reach a port: they are POSTED, and the port's task
// runs later. Nothing at level 2 ever calls a port or a driver. (One of the design's three
// inversions.) Threads: Post from any thread; never waits.
#pragma once

#include <cstdint>

#include "base/ids.h"

namespace portlab {

enum class PortEventKind : std::uint8_t {
  kReadyInput,   // fd = the descriptor
  kReadyOutput,  // fd = the descriptor
  kTimeout,      // serial = of the timer that fired
  kAsyncDone,    // payload = the job, owned by the receiver
};

struct PortEvent {
  PortEventKind kind;
  int fd = -1;
  std::uint64_t serial = 0;
  void* payload = nullptr;
};

class PortEventSink {
 public:
  virtual ~PortEventSink() = default;
  // False when the port no longer exists (the event is dropped; a payload stays the caller's).
  virtual bool Post(PortId port, const PortEvent& event) = 0;
};

}  // namespace portlab
