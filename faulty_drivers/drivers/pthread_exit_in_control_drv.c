/* Fault: ends the thread that called it (CWE-705), in control.
 * On OTP: the scheduler thread is gone with the processes in its run queue, as with an endless
 * loop.
 */
#include <erl_driver.h>
#include <pthread.h>

#include "echo_port.h"

static void finish_thread(void) { pthread_exit(NULL); }

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) finish_thread();
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = echo_output,
    .driver_name = "pthread_exit_in_control_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(pthread_exit_in_control_drv) { return &entry; }
