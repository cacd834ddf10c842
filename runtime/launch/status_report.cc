#include "launch/status_report.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "launch/frame_channel.h"

namespace portlab {

void Report(int status, StatusRecord record) {
  while (::write(status, &record, sizeof record) < 0 && errno == EINTR) {
  }
}

void RefuseNext(int socket, int error) {
  FrameReceiver receiver(kMaxSpawnFrame);
  Frame frame;
  pollfd readable = {socket, POLLIN, 0};
  FrameReceiver::State state = FrameReceiver::State::kOpen;
  while (!receiver.Next(&frame) && state == FrameReceiver::State::kOpen) {
    if (::poll(&readable, 1, -1) < 0 && errno != EINTR) return;
    state = receiver.Receive(socket);
  }
  if (!frame.descriptors.empty()) {
    Report(frame.descriptors.front().get(), {StatusRecord::kStartFailed, error});
  }
}

}  // namespace portlab
