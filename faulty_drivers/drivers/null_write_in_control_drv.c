/* Fault: writes through a null pointer (CWE-476), in control.
 * On OTP: the VM dies of SIGSEGV (exit status 139), and every process and port with it.
 */
#include <erl_driver.h>

#include "echo_port.h"

/* Volatile, so that no compiler sees what it points to. */
static int* volatile nowhere = NULL;

static void write_to_null(void) { *nowhere = 42; }

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) write_to_null();
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = echo_output,
    .driver_name = "null_write_in_control_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(null_write_in_control_drv) { return &entry; }
