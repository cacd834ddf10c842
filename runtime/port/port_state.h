// The states of a port and the legal moves between them. runtime/ARCHITECTURE.md, "Life of a port",
// has them as rules.
//
//            open_port            start ok (and init ack, if the driver wants one)
//   kFree ------------> kStarting -----------------------------------------------> kOpen
//     ^                     | start failed                                           | close, exit
//     signal, failure |                     v v
//     +---------------- kDead <------------- queue drained, or killed --------- kClosing
//
// kDead lasts only until the callback that is running returns: stop has been called, nothing
// reaches the driver any more, and the slot is given back when the port's lock is released. Source:
// otp_ports.md 2.4, 3.6.
#pragma once

#include <cstdint>

namespace portlab {

enum class PortState : std::uint8_t { kFree, kStarting, kOpen, kClosing, kDead };

constexpr bool LegalMove(PortState from, PortState to) {
  switch (from) {
    case PortState::kFree:
      return to == PortState::kStarting;
    case PortState::kStarting:
      return to == PortState::kOpen || to == PortState::kDead;
    case PortState::kOpen:
      return to == PortState::kClosing || to == PortState::kDead;
    case PortState::kClosing:
      return to == PortState::kDead;
    case PortState::kDead:
      return to == PortState::kFree;
  }
  return false;
}

}  // namespace portlab
