/* Fault: calls abort, as a failed assert does (CWE-617), in control.
 * On OTP: the VM dies of SIGABRT (exit status 134), and every process and port with it.
 */
#include <erl_driver.h>

#include "echo_port.h"

/* The check that fails; a driver author would have written assert(is_consistent). */
static void check(int is_consistent) {
  if (!is_consistent) abort();
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) check(0);
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = echo_output,
    .driver_name = "abort_in_control_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(abort_in_control_drv) { return &entry; }
