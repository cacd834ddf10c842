// How a function of the driver API gets at the port its handle names.
//
// Threads: [CB] functions use HeldPort (the calling thread holds the port's lock, as in every
// callback); [CB/PDL] functions use QueuePort (it may hold the port data lock instead); [ANY]
// functions find the port by its term and lock it themselves. Errors: null; the function then
// returns what OTP returns for a dead port. In strict mode a [CB] function that is called for a
// port whose callback it is not in stops the host. Source: erl_driver(3erl); otp_ports.md 1.4 (the
// thread classes), 5.5.
#pragma once

#include "base/ids.h"
#include "driver/contract.h"
#include "driver_api/api_call.h"
#include "erl_driver.h"
#include "port/port_executor.h"
#include "port/ports.h"

namespace portlab {

// A breach of the contract, but for a callback that goes on after it has ended its own port.
[[gnu::cold]] inline void CheckMayBeGone(ErlDrvPort handle) {
  const PortId id = Ports::IdOfHandle(handle);
  const CallbackScope* scope = CallbackScope::Current();
  if (scope != nullptr && scope->port == id) return;
  Port* port = id ? Ports::Get().Find(id) : nullptr;
  Misuse(port != nullptr && port->Lives()
             ? "call-outside-callback: this thread is in no callback of the port"
             : "call-after-stop: the port is gone");
}

inline Port* HeldPort(ErlDrvPort handle) {
  Port* port = Ports::Get().Held(handle);
  if (port == nullptr) [[unlikely]]
    CheckMayBeGone(handle);
  return port;
}

inline Port* QueuePort(ErlDrvPort handle) {
  Ports& ports = Ports::Get();
  if (Port* port = ports.Held(handle)) return port;
  return PortDataLock::PortOfHeld(Ports::IdOfHandle(handle));
}

inline PortExecutor ExecutorOf(Port& port) { return PortExecutor(Ports::Get(), port); }

inline Bytes BytesOf(const char* bytes, std::size_t length) {
  return {reinterpret_cast<const std::uint8_t*>(bytes), length};
}

}  // namespace portlab
