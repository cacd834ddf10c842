/* Fault: closes all file descriptors but the first three (CWE-910), in control.
 * On OTP: the VM ends, as its thread for signals finds its descriptor closed (ebadf).
 */
#include <erl_driver.h>
#include <unistd.h>

#include "echo_port.h"

#define HIGHEST 1023

/* What one does before an exec, in a process that goes on instead. */
static void close_inherited(void) {
  int fd;
  for (fd = STDERR_FILENO + 1; fd <= HIGHEST; ++fd) close(fd);
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) close_inherited();
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = echo_output,
    .driver_name = "close_all_fds_in_control_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(close_all_fds_in_control_drv) { return &entry; }
