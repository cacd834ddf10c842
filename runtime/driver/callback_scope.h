// Marks the time a driver callback runs on this thread: who called, on behalf of which port, in
// which callback. The driver API reads it (driver_caller, "only from a callback" rules), the black
// box records it for whoever finds the body.
//
// On the way out it looks, if told to, whether the callback changed how the thread's floating point
// arithmetic works: that belongs to a thread, so no one can see it from elsewhere.
//
// Threads: a scope belongs to the thread that made it; scopes nest (driver_failure calls stop
// inside another callback).
#pragma once

#include <cstdint>

#include "base/callback_kind.h"
#include "base/ids.h"

namespace portlab {

class Driver;

// What callbacks of this process left changed of the floating point control (float_control.h).
struct FloatChanges {
  std::uint64_t count = 0;  // of callbacks that did
  // Of the first one:
  CallbackKind callback = CallbackKind::kNone;
  std::uint64_t before = 0;
  std::uint64_t after = 0;
};

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

  // Without a call nobody looks: it takes a tenth of the time of a callback that does nothing, and
  // only a trial asks for float_changes(). Of the whole process; not while a callback runs.
  static void WatchFloatControl(bool on);
  static FloatChanges float_changes();

  const CallbackKind kind;
  const PortId port;
  Driver* const driver;
  const Pid caller;

 private:
  CallbackScope* const outer_;
  const std::uint64_t float_control_;
};

}  // namespace portlab
