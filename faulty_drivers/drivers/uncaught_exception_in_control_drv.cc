/* Fault: lets a C++ exception out of control (CWE-248).
 * On OTP: the VM ends with "terminate called after throwing ..." and SIGABRT (exit status 134).
 */
#include <erl_driver.h>

#include <stdexcept>

#include "echo_port.h"

namespace {

/* What a standard container does with an index that is too high. */
void LookUp() { throw std::out_of_range("no such entry"); }

ErlDrvSSizeT Control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                     char** reply, ErlDrvSizeT room) {
  auto* self = reinterpret_cast<echo_port*>(data);
  if (fault_trigger_pulled(&self->trigger, operation)) LookUp();
  return echo_control(operation, bytes, size, reply, room);
}

char driver_name[] = "uncaught_exception_in_control_drv";
ErlDrvEntry entry;

}  // namespace

DRIVER_INIT(uncaught_exception_in_control_drv) {
  entry.start = echo_start;
  entry.stop = echo_stop;
  entry.output = echo_output;
  entry.driver_name = driver_name;
  entry.control = Control;
  entry.extended_marker = ERL_DRV_EXTENDED_MARKER;
  entry.major_version = ERL_DRV_EXTENDED_MAJOR_VERSION;
  entry.minor_version = ERL_DRV_EXTENDED_MINOR_VERSION;
  entry.driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING;
  return &entry;
}
