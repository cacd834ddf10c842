#include "spawn/port_channel.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

namespace portlab {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
// The pipe of a program that reads, but not as fast as it is sent: with 64 KiB, which are Linux's
// default and OTP's, it and the host would wait for each other at every one of them. Not more: what
// all pipes of a user may hold is limited, too (pipe(7)). A program that reads nothing gets no more
// than on OTP.
constexpr int kPipeBytes = 256 * 1024;

PacketHeaderSize HeaderSize(int packet_bytes) {
  return static_cast<PacketHeaderSize>(packet_bytes);
}

// The bytes written; nullopt: a failure, see errno. Nothing is written, and that is none, when the
// descriptor takes no more now.
std::optional<std::size_t> WriteNow(int fd, const SysIOVec* pieces, int count) {
  const ssize_t done =
      ::writev(fd, reinterpret_cast<const iovec*>(pieces), std::min(count, IOV_MAX));
  if (done >= 0) return static_cast<std::size_t>(done);
  if (errno == EAGAIN || errno == EINTR) return 0;
  return std::nullopt;
}

}  // namespace

PortChannel::PortChannel(ErlDrvPort port, const StartOptions& options, const ChannelLimits& limits)
    : port_(port),
      packet_bytes_(options.packet_bytes),
      terminal_(options.program.terminal.has_value()),
      busy_limits_(options.busy_limits_port.value_or(limits.busy)),
      packet_bytes_max_(options.program.packet_bytes_max) {
  if (packet_bytes_ == 0) return;
  const std::uint64_t all = limits.packet_bytes_max == 0 ? kMaxPacket : limits.packet_bytes_max;
  packets_ = std::make_unique<PacketDecoder>(HeaderSize(packet_bytes_),
                                             std::min(all, packet_bytes_max_.value_or(all)));
}

PortChannel::Step PortChannel::Fail(int error_number) {
  driver_failure_posix(port_, error_number);
  return Step::kPortEnded;
}

PortChannel::Step PortChannel::Read(int fd, std::size_t at_most, std::size_t* got) {
  static thread_local std::uint8_t buffer[kReadBytes];
  const ssize_t size = ::read(fd, buffer, std::min(at_most, sizeof(buffer)));
  *got = size > 0 ? static_cast<std::size_t>(size) : 0;
  if (size < 0) {
    if (errno == EAGAIN || errno == EINTR) return Step::kGoOn;
    // How a terminal says that nobody has it any more.
    return errno == EIO && terminal_ ? Step::kEndOfFile : Fail(errno);
  }
  if (size == 0) return Step::kEndOfFile;
  const Bytes bytes(buffer, *got);
  if (packets_ != nullptr) return DeliverPackets(bytes);
  driver_output(port_, reinterpret_cast<char*>(buffer), bytes.size());
  return Step::kGoOn;
}

PortChannel::Step PortChannel::DeliverPackets(Bytes bytes) {
  packets_->Feed(bytes);
  for (;;) {
    Result<std::optional<std::string>> packet = packets_->Next();
    if (!packet) return TooLong();
    if (!packet->has_value()) return Step::kGoOn;
    std::string& body = **packet;
    driver_output(port_, body.data(), body.size());
  }
}

// More was announced than any packet may have.
PortChannel::Step PortChannel::TooLong() {
  if (!packet_bytes_max_) return Fail(EINVAL);
  static char reason[] = "packet_too_long";
  driver_failure_atom(port_, reason);
  return Step::kPortEnded;
}

PortChannel::Step PortChannel::Frame(ErlIOVec& vector) {
  if (packet_bytes_ != 0) {
    const auto header = EncodePacketHeader(HeaderSize(packet_bytes_), vector.size);
    if (!header) return Fail(EINVAL);
    header_ = *header;
  }
  vector.iov[0] = SysIOVec{reinterpret_cast<char*>(header_.storage.data()), header_.size};
  vector.size += header_.size;
  return Step::kGoOn;
}

PortChannel::Step PortChannel::Write(int fd, ErlIOVec& vector) {
  if (fd < 0) return Fail(EBADF);
  if (Frame(vector) == Step::kPortEnded) return Step::kPortEnded;
  std::size_t written = 0;
  if (driver_sizeq(port_) == 0) {
    const auto done = WriteNow(fd, vector.iov, vector.vsize);
    if (!done) return Fail(errno);
    written = *done;
    if (written == vector.size) return Step::kGoOn;
  }
  if (driver_select(port_, EventOf(fd), ERL_DRV_WRITE, 1) != 0) return Fail(errno);
  Queue(vector, written);
  return Step::kGoOn;
}

void PortChannel::Queue(ErlIOVec& vector, std::size_t from) {
  driver_enqv(port_, &vector, from);
  if (!busy_ && driver_sizeq(port_) >= busy_limits_.high) {
    busy_ = true;
    set_busy_port(port_, 1);
  }
}

std::size_t PortChannel::Written(std::size_t bytes) {
  const std::size_t left = driver_deq(port_, bytes);
  if (busy_ && left < busy_limits_.low) {
    busy_ = false;
    set_busy_port(port_, 0);
  }
  return left;
}

PortChannel::Step PortChannel::WriteQueue(int fd) {
  // It has been full, and its program reads. Refused for what is no pipe, or too much for this
  // user: all goes on with what it has.
  if (!std::exchange(pipe_is_large_, true)) ::fcntl(fd, F_SETPIPE_SZ, kPipeBytes);
  int pieces = 0;
  const SysIOVec* queue = driver_peekq(port_, &pieces);
  if (queue != nullptr) {
    const auto done = WriteNow(fd, queue, pieces);
    if (!done) return Fail(errno);
    if (Written(*done) != 0) return Step::kGoOn;
  }
  driver_select(port_, EventOf(fd), ERL_DRV_WRITE, 0);
  return Step::kGoOn;
}

}  // namespace portlab
