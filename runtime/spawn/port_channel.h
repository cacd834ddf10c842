// Bytes between a port and the descriptors of its program, file or whatever {fd,In,Out} names:
// packets in both directions, and the io queue with its busy limits.
//
// Threads: the port's lock, in a callback of the port. Ownership: descriptors stay the caller's.
// Errors: a failure ends the port (driver_failure_posix), and with it whoever owns this: after
// kPortEnded return from the callback at once. Source: otp_ports.md 3.3, 3.7, 6.5.
#pragma once

#include <memory>
#include <optional>

#include "driver/start_options.h"
#include "erl_driver.h"
#include "framing/packet.h"

namespace portlab {

struct ChannelLimits {
  std::uint64_t packet_bytes_max = 0;  // a longer announced packet is an error; 0: below 2^31
  BusyLimits busy;                     // when the port's own are not given
};

class PortChannel {
 public:
  PortChannel(ErlDrvPort port, const StartOptions& options, const ChannelLimits& limits);

  enum class Step { kGoOn, kEndOfFile, kPortEnded };

  // A command: writes what `fd` takes now, and queues the rest. A negative `fd` is EBADF.
  Step Write(int fd, ErlIOVec& vector);
  // `fd` is ready for more of the queue.
  Step WriteQueue(int fd);
  // `fd` is ready: reads once, at most so many bytes, and delivers them. `got`: how many.
  Step Read(int fd, std::size_t at_most, std::size_t* got);
  Step Read(int fd) {
    std::size_t got = 0;
    return Read(fd, SIZE_MAX, &got);
  }

  // The parts of Write, for who writes in another way: the packet's header goes into slot 0, which
  // is kept free for it; then the vector goes into the queue from byte `from` on.
  Step Frame(ErlIOVec& vector);
  void Queue(ErlIOVec& vector, std::size_t from);
  // So many bytes of the queue are written; what is left.
  std::size_t Written(std::size_t bytes);

  static ErlDrvEvent EventOf(int fd) {
    return reinterpret_cast<ErlDrvEvent>(static_cast<std::intptr_t>(fd));
  }
  static int FdOf(ErlDrvEvent event) {
    return static_cast<int>(reinterpret_cast<std::intptr_t>(event));
  }

 private:
  Step Fail(int error_number);
  Step DeliverPackets(Bytes bytes);
  Step TooLong();

  const ErlDrvPort port_;
  const int packet_bytes_;  // 0: stream
  const bool terminal_;
  const BusyLimits busy_limits_;
  const std::optional<std::uint64_t> packet_bytes_max_;  // the port's own
  std::unique_ptr<PacketDecoder> packets_;               // null: stream
  PacketHeader header_;
  bool busy_ = false;
  bool pipe_is_large_ = false;  // or could not be made so
};

}  // namespace portlab
