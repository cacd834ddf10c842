/* Fault: forks, and lets both copies go on (CWE-403), in control.
 * On OTP: a copy of the VM, with the same descriptors, was still there half an hour after the VM
 * had ended.
 */
#include <erl_driver.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "echo_port.h"

/* An exec in the child was meant to follow. That the copy dies with the thread it is a copy of is
 * all that is tame about it: a trial that is killed must leave nothing behind. */
static void start_helper(void) {
  if (fork() == 0) prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) start_helper();
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = echo_output,
    .driver_name = "fork_that_returns_in_control_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(fork_that_returns_in_control_drv) { return &entry; }
