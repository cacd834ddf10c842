/* Fault: ends the whole process with status 0 (CWE-705: incorrect control flow scoping), in
 * control. On OTP: the VM is gone with exit status 0, so nothing that supervises it notices a
 * failure.
 */
#include <erl_driver.h>

#include "echo_port.h"

/* What a main function turned into a driver still does when it thinks it is done. */
static void finish_program(void) { exit(0); }

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) finish_program();
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = echo_output,
    .driver_name = "exit_zero_in_control_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(exit_zero_in_control_drv) { return &entry; }
