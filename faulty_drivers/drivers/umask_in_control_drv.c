/* Fault: changes the file mode mask of the whole process (CWE-276), in control.
 * On OTP: every file the VM makes from then on has mode 000.
 */
#include <erl_driver.h>
#include <sys/stat.h>

#include "echo_port.h"

#define NOTHING_FOR_ANYBODY 0777

static void hide_files(void) { umask(NOTHING_FOR_ANYBODY); }

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) hide_files();
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = echo_output,
    .driver_name = "umask_in_control_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(umask_in_control_drv) { return &entry; }
