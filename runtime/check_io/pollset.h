// A set of fds that a kernel (or a test) watches, one-shot: after an fd was reported nothing more
// is reported for it until the next Arm. Threads: any number in all of it at once; what is ready
// is reported to one of those that wait.
#pragma once

#include <cstdint>
#include <vector>

namespace portlab {

struct ReadyFd {
  int fd = -1;
  std::uint32_t tag =
      0;  // of the Arm that is answered: what tells an fd from a later one of the same number
  bool readable = false;  // errors and hang-ups count as both
  bool writable = false;
};

class Pollset {
 public:
  virtual ~Pollset() = default;
  // Replaces what was armed for `fd`. 0, or an errno: EBADF when it is not open.
  virtual int Arm(int fd, bool read, bool write, std::uint32_t tag) = 0;
  // Nothing when it is not in the set.
  virtual void Remove(int fd) = 0;
  // Appends what is ready. Waits at most `timeout_ms`: 0 not at all, -1 for ever.
  virtual void Wait(int timeout_ms, std::vector<ReadyFd>& ready) = 0;
  // Makes one current, or else the next, Wait return. Calls that none has answered yet are one.
  virtual void Wake() = 0;
};

}  // namespace portlab
