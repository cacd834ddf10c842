// Length-framed messages with descriptors over a SOCK_STREAM unix socket; see spawn_protocol.h for
// the format.
//
// Threads: one sender at a time per socket; a FrameReceiver belongs to one thread.
// Ownership: sent descriptors stay the caller's, received ones are the frame's.
// Source: unix(7); the kernel ends a read after the bytes whose descriptors it delivers, so a read
// brings at most one set.
#pragma once

#include <cstddef>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"

namespace portlab {

// Returns an errno. EPIPE or ECONNRESET: nobody is there. EAGAIN: the peer did not read for as long
// as the socket's SO_SNDTIMEO says; a part may have been sent, so the socket is of no more use.
// `descriptors` is not empty.
int SendFrame(int socket, std::string_view payload, std::span<const int> descriptors);

// A frame that is sent without waiting, in as many steps as it takes.
class OutgoingFrame {
 public:
  // `descriptors` is not empty.
  OutgoingFrame(std::string_view payload, std::vector<UniqueFd> descriptors);

  // Returns an errno; EAGAIN: once more when the socket can be written to.
  int Send(int socket);
  std::size_t sent() const { return sent_; }
  // To another socket, all of it.
  void Restart() { sent_ = 0; }
  const std::vector<UniqueFd>& descriptors() const { return descriptors_; }

 private:
  std::string bytes_;
  std::size_t sent_ = 0;
  std::vector<UniqueFd> descriptors_;
};

struct Frame {
  std::string payload;
  std::vector<UniqueFd> descriptors;  // fewer than were sent: this process ran out of them
};

class FrameReceiver {
 public:
  enum class State { kOpen, kClosed };

  explicit FrameReceiver(std::size_t max_payload) : max_payload_(max_payload) {}

  // Reads what is there (or a good part), without waiting. kClosed: end of file, an error, or a
  // frame over the limit.
  State Receive(int socket);
  // The next whole frame received; false if there is none yet.
  bool Next(Frame* frame);

 private:
  State ReceiveOnce(int socket, bool* more);

  const std::size_t max_payload_;
  std::string buffer_;
  std::deque<std::vector<UniqueFd>> descriptor_sets_;  // one per frame whose first byte has arrived
};

}  // namespace portlab
