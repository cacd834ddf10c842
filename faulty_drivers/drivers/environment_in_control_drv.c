/* Fault: changes the environment of the whole process (CWE-15), in control.
 * On OTP: Erlang does not see it (os:getenv has a copy), but every C library in the VM does.
 */
#define _GNU_SOURCE

#include <erl_driver.h>

#include "echo_port.h"

static void use_own_time_zone(void) { setenv("TZ", "Antarctica/Troll", 1); }

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) use_own_time_zone();
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = echo_output,
    .driver_name = "environment_in_control_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(environment_in_control_drv) { return &entry; }
