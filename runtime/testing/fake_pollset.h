// A pollset whose fds become ready when the test says so. Fd numbers need not be open; `Close`
// makes one refused. Threads: as Pollset; the test's calls from any thread.
#pragma once

#include <cerrno>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/order.h"
#include "check_io/pollset.h"

namespace portlab {

class FakePollset : public Pollset {
 public:
  int Arm(int fd, bool read, bool write, std::uint32_t tag) override EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    if (closed_.contains(fd)) return EBADF;
    armed_[fd] = ReadyFd{fd, tag, read, write};
    return 0;
  }

  void Remove(int fd) override EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    armed_.erase(fd);
  }

  void Wait(int timeout_ms, std::vector<ReadyFd>& ready) override EXCLUDES(mutex_) {
    const Nanos deadline = timeout_ms < 0 ? kForever : MonotonicNow() + timeout_ms * kMillisecond;
    const MutexLock lock(mutex_);
    while (ready_.empty() && !woken_ && changed_.WaitUntil(mutex_, deadline)) {
    }
    woken_ = false;
    ready.insert(ready.end(), ready_.begin(), ready_.end());
    ready_.clear();
  }

  void Wake() override EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    woken_ = true;
    changed_.NotifyAll();
  }

  // False when nothing that was armed for `fd` is ready by this. Like a kernel's, the event
  // outlives a later Remove.
  bool MakeReady(int fd, bool readable, bool writable) EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    const auto found = armed_.find(fd);
    if (found == armed_.end()) return false;
    ReadyFd event = found->second;
    event.readable &= readable;
    event.writable &= writable;
    if (!event.readable && !event.writable) return false;
    armed_.erase(found);
    ready_.push_back(event);
    changed_.NotifyAll();
    return true;
  }

  void Close(int fd) EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    closed_.insert(fd);
    armed_.erase(fd);
  }

 private:
  Mutex mutex_;
  Condition changed_;
  std::map<int, ReadyFd> armed_ GUARDED_BY(mutex_);
  std::vector<ReadyFd> ready_ GUARDED_BY(mutex_);
  std::set<int> closed_ GUARDED_BY(mutex_);
  bool woken_ GUARDED_BY(mutex_) = false;
};

}  // namespace portlab
