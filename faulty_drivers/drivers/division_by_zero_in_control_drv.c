/* Fault: divides an integer by zero (CWE-369), in control. x86 traps it; aarch64 gives 0.
 * On OTP: the VM dies of SIGFPE (exit status 136), and every process and port with it.
 */
#include <erl_driver.h>

#include "echo_port.h"

/* Volatile, so that no compiler sees it is zero. */
static volatile int commands;
static volatile int bytes_per_command;

static void average(void) { bytes_per_command = 1000 / commands; }

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) average();
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = echo_output,
    .driver_name = "division_by_zero_in_control_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(division_by_zero_in_control_drv) { return &entry; }
