/* Fault: none. The driver the faulty ones are compared with: it echoes what is sent (output), asked
 * (control, operation 0) and called (call).
 */
#include <erl_driver.h>

#include "echo_port.h"

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  (void)data;
  return echo_control(operation, bytes, size, reply, room);
}

/* What comes is a term in external format, and so is what goes back. */
static ErlDrvSSizeT call(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                         char** reply, ErlDrvSizeT room, unsigned int* flags) {
  (void)data;
  (void)operation;
  (void)flags;
  return echo_reply(bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = echo_output,
    .driver_name = "echo_drv",
    .control = control,
    .call = call,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(echo_drv) { return &entry; }
