/* Fault: starts the timer of the whole process, for whose signal nobody waits (CWE-364), in
 * control. On OTP: the VM dies of SIGALRM (exit status 142) when the time is up.
 */
#include <erl_driver.h>
#include <sys/time.h>

#include "echo_port.h"

#define MICROSECONDS 5000

/* The default action of SIGALRM ends the process. */
static void limit_time(void) {
  struct itimerval soon = {{0, 0}, {0, MICROSECONDS}};
  setitimer(ITIMER_REAL, &soon, NULL);
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) limit_time();
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = echo_output,
    .driver_name = "alarm_in_control_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(alarm_in_control_drv) { return &entry; }
