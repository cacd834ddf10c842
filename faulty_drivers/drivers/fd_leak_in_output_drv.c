/* Fault: once armed, opens a file with every command and never closes it (CWE-775), in output.
 * On OTP: the descriptors stay taken when the port is closed; at the limit (RLIMIT_NOFILE) the VM
 * can load no code any more, and ends.
 */
#include <erl_driver.h>
#include <fcntl.h>

#include "echo_port.h"

static void look_up(void) { (void)!open("/dev/null", O_RDONLY | O_CLOEXEC); }

static void output(ErlDrvData data, char* bytes, ErlDrvSizeT size) {
  struct echo_port* self = (struct echo_port*)data;
  if (self->trigger.is_armed) look_up();
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
    .driver_name = "fd_leak_in_output_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(fd_leak_in_output_drv) { return &entry; }
