/* Fault: once armed, says with its first command that it is busy and never that it no longer is
 * (CWE-400), in output. On OTP: whoever sends to the port next is suspended until the port is
 * closed.
 */
#include <erl_driver.h>

#include "echo_port.h"

static void ask_for_a_rest(ErlDrvPort port) { set_busy_port(port, 1); }

static void output(ErlDrvData data, char* bytes, ErlDrvSizeT size) {
  struct echo_port* self = (struct echo_port*)data;
  if (self->trigger.is_armed) ask_for_a_rest(self->port);
  echo_output(data, bytes, size);
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  /* Arms; firing is left to output. */
  (void)fault_trigger_pulled(&self->trigger, operation);
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = output,
    .driver_name = "busy_for_ever_in_output_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(busy_for_ever_in_output_drv) { return &entry; }
