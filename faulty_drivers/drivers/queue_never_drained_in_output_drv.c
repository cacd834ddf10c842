/* Fault: once armed, puts what is sent into the port's queue and never takes it out (CWE-459), in
 * output. On OTP: a closed port waits for its queue for ever, and so does halt().
 */
#include <erl_driver.h>

#include "echo_port.h"

/* What a driver does that waits for its device; this one never asks whether that is ready. */
static void keep_for_later(ErlDrvPort port, char* bytes, ErlDrvSizeT size) {
  driver_enq(port, bytes, size);
}

/* Called when the port is closed and its queue is not empty: the time to empty it. */
static void flush(ErlDrvData data) { (void)data; }

static void output(ErlDrvData data, char* bytes, ErlDrvSizeT size) {
  struct echo_port* self = (struct echo_port*)data;
  if (self->trigger.is_armed) keep_for_later(self->port, bytes, size);
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
    .driver_name = "queue_never_drained_in_output_drv",
    .control = control,
    .flush = flush,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(queue_never_drained_in_output_drv) { return &entry; }
