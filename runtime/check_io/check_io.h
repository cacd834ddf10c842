// fd events for ports: driver_select, the thread that polls, and the one-shot cycle between them:
//
//   Select (armed) -> Poll posts kReadyInput/kReadyOutput -> the port's task: Claim, callback,
//   Rearm (armed again)
//
// A posted event is stale when its selection ended meanwhile; Claim says so, and the callback is
// not run.
//
// Threads: Poll by one (joined) thread, which nobody else polls beside; everything else from any.
// The lock is never held while posting or waiting. Ownership: fds are the drivers'. Nothing here
// closes one. Units: MonotonicNow's nanoseconds. Errors: as driver_select: SelectResult::status.
// Source: erl_driver(3erl) driver_select; otp_ports.md 5.7.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/event_sink.h"
#include "base/ids.h"
#include "base/mutex.h"
#include "base/order.h"
#include "check_io/fd_table.h"
#include "check_io/pollset.h"

namespace portlab {

class CheckIo {
 public:
  // `sink` outlives this. `max_fds`: the first fd that is refused; 0: the process's limit.
  CheckIo(std::unique_ptr<Pollset> pollset, PortEventSink& sink, int max_fds = 0);
  CheckIo(const CheckIo&) = delete;
  CheckIo& operator=(const CheckIo&) = delete;

  // driver_select(port, fd, mode, on). The port is alive: its caller has checked.
  SelectResult Select(PortId port, int fd, int mode, bool on) EXCLUDES(mutex_);

  // Waits for events, at most until `deadline`, and posts them with the serial of their selection;
  // how many. With the baton it waits for the other threads first (Order::WaitIdle), and only
  // blocks when nothing else can go on.
  int Poll(Nanos deadline) EXCLUDES(mutex_);
  // With real threads, and in any number of them at once: waits for events and posts them, at most
  // so long; -1: for ever.
  int PollFor(int timeout_ms) EXCLUDES(mutex_);
  // Makes Poll, or one PollFor, return: there is an earlier deadline, or something else to do.
  void Wake();

  // By the port's task, right before the callback: false when the event is stale.
  bool Claim(PortId port, int fd, bool input, std::uint64_t serial) EXCLUDES(mutex_);
  // By the port's task, after the callback. A selection that ended in it stays ended. The text is
  // for the log, as SelectResult::warning.
  std::string Rearm(PortId port, int fd, bool input, std::uint64_t serial) EXCLUDES(mutex_);

  // A port died: deselects all it has. The fds it still used (it "went away without deselecting"),
  // and nobody else does.
  std::vector<int> ReleaseAll(PortId port) EXCLUDES(mutex_);

  bool HasFds() const EXCLUDES(mutex_);

 private:
  struct Posting {
    PortId port;
    PortEvent event;
  };

  int PostAll(std::vector<ReadyFd>& ready) EXCLUDES(mutex_);
  int TimeoutFor(Idle idle, Nanos deadline) const;
  void Collect(const ReadyFd& ready, std::vector<Posting>& postings) REQUIRES(mutex_);
  // What the record waits for, to the pollset. A warning, or empty.
  // `error`: the kernel's, with the warning.
  std::string ArmAgain(int fd, int* error = nullptr) REQUIRES(mutex_);

  const std::unique_ptr<Pollset> pollset_;
  PortEventSink& sink_;
  const int max_fds_;
  mutable Mutex mutex_;
  FdTable table_ GUARDED_BY(mutex_);
  // The table's; read without the lock by who may only have to know of ports of its own.
  std::atomic<std::size_t> ports_with_fds_{0};
  std::uint32_t last_tag_ GUARDED_BY(mutex_) = 0;
};

}  // namespace portlab
