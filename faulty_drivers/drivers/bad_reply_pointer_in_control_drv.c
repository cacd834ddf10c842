/* Fault: gives a reply that lies at address 16 (CWE-822), in control.
 * On OTP: the VM dies of SIGSEGV (exit status 139) when it reads the reply.
 */
#include <erl_driver.h>

#include "echo_port.h"

#define REPLY_SIZE 8

/* The address of a member of a structure that is not there. Volatile, so that no compiler sees it.
 */
static char* volatile member = (char*)(uintptr_t)16;

static ErlDrvSSizeT reply_from_nowhere(char** reply) {
  *reply = member;
  return REPLY_SIZE;
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) return reply_from_nowhere(reply);
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = echo_output,
    .driver_name = "bad_reply_pointer_in_control_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(bad_reply_pointer_in_control_drv) { return &entry; }
