// The callbacks of a driver entry, in the order of ErlDrvEntry, as numbers a black box can hold.
// Source: driver_entry(3erl).
#pragma once

#include <cstdint>

namespace portlab {

enum class CallbackKind : std::uint32_t {
  kNone,
  kInit,
  kStart,
  kStop,
  kOutput,
  kReadyInput,
  kReadyOutput,
  kFinish,
  kControl,
  kTimeout,
  kOutputv,
  kReadyAsync,
  kFlush,
  kCall,
  kProcessExit,
  kStopSelect,
  kEmergencyClose,
  kAsyncInvoke
};

inline constexpr const char* kCallbackNames[] = {
    "none",         "init",   "start",        "stop",        "output",          "ready_input",
    "ready_output", "finish", "control",      "timeout",     "outputv",         "ready_async",
    "flush",        "call",   "process_exit", "stop_select", "emergency_close", "async_invoke"};

inline const char* CallbackName(CallbackKind kind) {
  const auto index = static_cast<std::uint32_t>(kind);
  return index < sizeof(kCallbackNames) / sizeof(kCallbackNames[0]) ? kCallbackNames[index]
                                                                    : "unknown";
}

}  // namespace portlab
