// driver_create_port: a port of the driver's own making, without start.
// Source: erl_driver(3erl); otp_ports.md 1.4. On OTP a driver without port locking waits for ever
// here, for the lock it holds; here it gets its port.
#include "driver_api/port_access.h"

using portlab::ApiCall;
using portlab::ApiFunction;
using portlab::HeldPort;
using portlab::Pid;
using portlab::Port;
using portlab::PortId;
using portlab::Ports;

namespace {

ErlDrvPort NoPort() { return reinterpret_cast<ErlDrvPort>(-1); }

}  // namespace

ErlDrvPort driver_create_port(ErlDrvPort creator, ErlDrvTermData connected, char* name,
                              ErlDrvData data) {
  ApiCall call(ApiFunction::k_driver_create_port);
  Port* held = HeldPort(creator);
  if (held == nullptr || !Pid::IsPid(connected)) return NoPort();
  auto made = Ports::Get().Create(*held, Pid::FromWord(connected), name, data);
  return made ? Ports::HandleOf(*made) : NoPort();
}
