// The pollset of production: epoll with EPOLLONESHOT, an eventfd for Wake. Files epoll refuses
// (regular files, EPERM) are always ready, as poll(2) says.
//
// The kernel keeps the set, so an fd that was closed and reused behind our back needs no care here.
// A copy of the process, as a driver makes that forks, has the same set: it reports nothing there,
// or the process would miss what its copy was told. Threads: as Pollset. Errors: the constructor
// checks (no fds left at start is fatal to a runtime). Source: epoll_ctl(2); otp_ports.md 5.7.
#pragma once

#include <map>

#include "base/mutex.h"
#include "base/unique_fd.h"
#include "check_io/pollset.h"

namespace portlab {

class EpollPollset : public Pollset {
 public:
  EpollPollset();

  int Arm(int fd, bool read, bool write, std::uint32_t tag) override EXCLUDES(mutex_);
  void Remove(int fd) override EXCLUDES(mutex_);
  void Wait(int timeout_ms, std::vector<ReadyFd>& ready) override EXCLUDES(mutex_);
  void Wake() override;

 private:
  const unsigned generation_;
  UniqueFd epoll_;
  UniqueFd wake_;
  Mutex mutex_;
  std::map<int, ReadyFd> always_ready_ GUARDED_BY(mutex_);
};

}  // namespace portlab
