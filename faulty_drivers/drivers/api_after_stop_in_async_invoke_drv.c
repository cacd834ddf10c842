/* Fault: a job in another thread sends its result through a port that has been stopped (CWE-672),
 * in the invoke function of driver_async. On OTP: the VM dies, or nothing is to be seen.
 */
#define _GNU_SOURCE

#include <erl_driver.h>
#include <unistd.h>

#include "echo_port.h"

#define LOOKS 2000
#define LOOK_EVERY_US 1000

static volatile int is_stopped;

/* A job that takes longer than its port lives. */
static void compute(void* data) {
  const ErlDrvPort port = *(ErlDrvPort*)data;
  int looks;
  for (looks = 0; looks < LOOKS && !is_stopped; ++looks) usleep(LOOK_EVERY_US);
  if (is_stopped) driver_output(port, "result", 6);
}

static void stop(ErlDrvData data) {
  echo_stop(data);
  is_stopped = 1;
}

static void begin_computing(ErlDrvPort port) {
  static ErlDrvPort job;
  job = port;
  driver_async(port, NULL, compute, &job, NULL);
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) begin_computing(self->port);
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = stop,
    .output = echo_output,
    .driver_name = "api_after_stop_in_async_invoke_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(api_after_stop_in_async_invoke_drv) { return &entry; }
