// How a dying process tells its ports: through this interface, which only QUEUES a signal at the
// port. (One of the design's three inversions: process/ does not know port/.) Threads: from any
// thread; never waits, never runs a driver.
#pragma once

#include "base/ids.h"

namespace portlab {

class Term;

class ExitSink {
 public:
  virtual ~ExitSink() = default;
  // `who` was linked to `port` (or owned it) and has exited with `reason`; or sent it exit(Port,
  // Reason) when !from_link.
  virtual void ExitSignal(PortId port, Pid who, const Term& reason, bool from_link) = 0;
  // `who`, monitored by `port`'s driver under `monitor`, has exited.
  virtual void MonitoredProcessExited(PortId port, Pid who, RefId monitor) = 0;
  // `who` has exited, whatever it had to do with ports: its loads of drivers are taken back. Comes
  // before the two above.
  virtual void ProcessExited(Pid who) = 0;
};

}  // namespace portlab
