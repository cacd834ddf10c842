/* Fault: says that its reply is 64 MiB long, and wrote 4 bytes of it (CWE-126), in control.
 * On OTP: with 1 MiB the VM survives, and the caller gets that much of the VM's memory.
 */
#include <erl_driver.h>

#include "echo_port.h"

#define ANNOUNCED (64 * 1024 * 1024)

static ErlDrvSSizeT reply_too_much(char* reply) {
  memcpy(reply, "here", 4);
  return ANNOUNCED;
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) return reply_too_much(*reply);
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = echo_output,
    .driver_name = "overlong_control_reply_in_control_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(overlong_control_reply_in_control_drv) { return &entry; }
