/* Fault: gives memory to driver_free that driver_alloc never gave out (CWE-590), in control.
 * On OTP: the VM dies of SIGSEGV (exit status 139), and every process and port with it.
 */
#include <erl_driver.h>

#include "echo_port.h"

#define DEFAULT_SIZE 64

static long default_settings[DEFAULT_SIZE];

/* As one that forgets that these settings may be the default ones. */
static void drop_settings(void* settings) { driver_free(settings); }

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) {
    drop_settings(&default_settings[DEFAULT_SIZE / 2]);
  }
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = echo_output,
    .driver_name = "bad_free_in_control_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(bad_free_in_control_drv) { return &entry; }
