#include "launch/frame_channel.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "base/check.h"

namespace portlab {
namespace {

constexpr std::size_t kMaxDescriptors = 4;  // status, input, output, errors
constexpr std::size_t kReadSize = 64 * 1024;
constexpr int kReadsAtOnce = 16;  // a peer that never stops sending must not keep us here

union ControlBuffer {
  char bytes[CMSG_SPACE(kMaxDescriptors * sizeof(int))];
  cmsghdr alignment;
};

std::vector<UniqueFd> TakeDescriptors(msghdr* message) {
  std::vector<UniqueFd> descriptors;
  for (cmsghdr* header = CMSG_FIRSTHDR(message); header != nullptr;
       header = CMSG_NXTHDR(message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
      descriptors.emplace_back(fd);
    }
  }
  return descriptors;
}

std::string FrameBytes(std::string_view payload) {
  const std::uint32_t length = static_cast<std::uint32_t>(payload.size());
  std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
  bytes += payload;
  return bytes;
}

// From byte `*sent` on; an errno. The descriptors go with the first.
int SendRest(int socket, const std::string& bytes, std::size_t* sent,
             std::span<const int> descriptors, int flags) {
  PORTLAB_CHECK(!descriptors.empty() && descriptors.size() <= kMaxDescriptors,
                "the receiver matches frames with descriptor sets");
  ControlBuffer control = {};
  while (*sent < bytes.size()) {
    iovec part = {const_cast<char*>(bytes.data()) + *sent, bytes.size() - *sent};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (*sent == 0) {
      message.msg_control = control.bytes;
      message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
      cmsghdr* header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(descriptors.size_bytes());
      std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size_bytes());
    }
    const ssize_t done = ::sendmsg(socket, &message, MSG_NOSIGNAL | flags);
    if (done >= 0) {
      *sent += static_cast<std::size_t>(done);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

int SendFrame(int socket, std::string_view payload, std::span<const int> descriptors) {
  std::size_t sent = 0;
  return SendRest(socket, FrameBytes(payload), &sent, descriptors, 0);
}

OutgoingFrame::OutgoingFrame(std::string_view payload, std::vector<UniqueFd> descriptors)
    : bytes_(FrameBytes(payload)), descriptors_(std::move(descriptors)) {}

int OutgoingFrame::Send(int socket) {
  std::vector<int> numbers;
  for (const UniqueFd& fd : descriptors_) numbers.push_back(fd.get());
  return SendRest(socket, bytes_, &sent_, numbers, MSG_DONTWAIT);
}

FrameReceiver::State FrameReceiver::Receive(int socket) {
  bool more = true;
  for (int reads = 0; more && reads < kReadsAtOnce; ++reads) {
    if (ReceiveOnce(socket, &more) == State::kClosed) return State::kClosed;
  }
  return State::kOpen;
}

FrameReceiver::State FrameReceiver::ReceiveOnce(int socket, bool* more) {
  const std::size_t had = buffer_.size();
  buffer_.resize(had + kReadSize);
  ControlBuffer control = {};
  iovec part = {buffer_.data() + had, kReadSize};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  const ssize_t received = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  const int error = errno;
  buffer_.resize(had + (received > 0 ? static_cast<std::size_t>(received) : 0));
  if (received == 0) return State::kClosed;
  if (received < 0) {
    *more = error == EINTR;
    // Short of memory now is not the peer's end: the caller comes again while there is something.
    const bool later = error == EAGAIN || error == ENOMEM || error == ENOBUFS;
    return *more || later ? State::kOpen : State::kClosed;
  }
  std::vector<UniqueFd> descriptors = TakeDescriptors(&message);
  if (!descriptors.empty() || (message.msg_flags & MSG_CTRUNC) != 0) {
    descriptor_sets_.push_back(std::move(descriptors));
  }
  std::uint32_t length = 0;
  if (buffer_.size() < sizeof length) return State::kOpen;
  std::memcpy(&length, buffer_.data(), sizeof length);
  return length <= max_payload_ ? State::kOpen : State::kClosed;
}

bool FrameReceiver::Next(Frame* frame) {
  std::uint32_t length = 0;
  if (buffer_.size() < sizeof length) return false;
  std::memcpy(&length, buffer_.data(), sizeof length);
  if (buffer_.size() - sizeof length < length) return false;
  frame->payload = buffer_.substr(sizeof length, length);
  buffer_.erase(0, sizeof length + length);
  frame->descriptors.clear();
  if (!descriptor_sets_.empty()) {
    frame->descriptors = std::move(descriptor_sets_.front());
    descriptor_sets_.pop_front();
  }
  return true;
}

}  // namespace portlab
