// Marks the time a driver callback runs on this thread: who called, on behalf of which port, in
// which callback. The driver API reads it (driver_caller, "only from a callback" rules), the black
// box records it for whoever finds the body.
//
// Threads: a scope belongs to the thread that made it; scopes nest (driver_failure calls stop
// inside another callback).
#pragma once

#include "base/callback_kind.h"
#include "base/ids.h"

namespace portlab {

class Driver;

class CallbackScope {
 public:
  CallbackScope(CallbackKind kind, PortId port, Driver* driver, Pid caller);
  ~CallbackScope();
  CallbackScope(const CallbackScope&) = delete;
  CallbackScope& operator=(const CallbackScope&) = delete;

  // The innermost scope of this thread; null outside callbacks.
  static CallbackScope* Current();

  // From now on the black box records the callbacks of this port only, and what they call: in a
  // host with other ports at work, theirs would overwrite the last words of the one that brought it
  // down. Without a call: every port's.
  static void Watch(PortId port);
  // Whether what this thread does now is to be recorded.
  static bool Recorded();

  const CallbackKind kind;
  const PortId port;
  Driver* const driver;
  const Pid caller;

 private:
  CallbackScope* const outer_;
};

}  // namespace portlab
