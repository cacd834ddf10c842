/* Fault: never returns from control, and uses a whole core for it (CWE-835).
 * On OTP: the scheduler thread is lost with the processes in its run queue, code loading and halt
 * hang, and the node freezes; nothing can end the callback.
 */
#include <erl_driver.h>

#include "echo_port.h"

/* Volatile, so that the loop may not be taken for finite. */
static volatile unsigned long turns;
static volatile int is_done;

static void wait_busily(void) {
  while (!is_done) ++turns;
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) wait_busily();
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = echo_output,
    .driver_name = "infinite_loop_in_control_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(infinite_loop_in_control_drv) { return &entry; }
