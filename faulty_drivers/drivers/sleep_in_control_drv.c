/* Fault: sleeps for an hour in control (CWE-1322: blocking code in a non-blocking context).
 * On OTP: the scheduler thread is lost for that time, with the processes in its run queue.
 */
#include <erl_driver.h>
#include <unistd.h>

#include "echo_port.h"

#define AN_HOUR 3600

static void wait_for_device(void) { sleep(AN_HOUR); }

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) wait_for_device();
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = echo_output,
    .driver_name = "sleep_in_control_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(sleep_in_control_drv) { return &entry; }
