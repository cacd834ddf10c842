/* Fault: writes eight bytes more of a reply than the buffer has that it was lent, and says that the
 * reply fits (CWE-121), in control. On OTP: the buffer lies on the scheduler's stack; what stands
 * behind it is overwritten.
 */
#include <erl_driver.h>

#include "echo_port.h"

#define TOO_MUCH 8

/* As one that counts its header twice. */
static ErlDrvSSizeT reply_behind(char* reply, ErlDrvSizeT room) {
  memset(reply, 'r', room + TOO_MUCH);
  return (ErlDrvSSizeT)room;
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) return reply_behind(*reply, room);
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = echo_output,
    .driver_name = "reply_buffer_overflow_in_control_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(reply_buffer_overflow_in_control_drv) { return &entry; }
