// driver_select: which fd events a port wants. The fd may be closed only in stop_select.
#include <cerrno>
#include <cstdio>

#include "driver_api/port_access.h"

using portlab::ApiCall;
using portlab::ApiFunction;
using portlab::HeldPort;
using portlab::Port;
using portlab::Ports;

int driver_select(ErlDrvPort port, ErlDrvEvent event, int mode, int on) {
  ApiCall call(ApiFunction::k_driver_select);
  Port* held = HeldPort(port);
  if (held == nullptr) return -1;
  const auto fd = static_cast<int>(reinterpret_cast<std::intptr_t>(event));
  const portlab::SelectResult result =
      Ports::Get().services().check_io->Select(held->id(), fd, mode, on != 0);
  if (!result.warning.empty())
    std::fprintf(stderr, "portlab: driver_select: %s\n", result.warning.c_str());
  if (result.call_stop_select) portlab::CallStopSelect(*held->driver(), fd);
  if (result.error != 0) errno = result.error;
  return result.status;
}
