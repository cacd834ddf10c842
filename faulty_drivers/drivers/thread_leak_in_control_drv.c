/* Fault: starts threads that nobody ends (CWE-772), in control.
 * On OTP: they stay when the port is closed, until the VM ends.
 */
#include <erl_driver.h>
#include <unistd.h>

#include "echo_port.h"

#define THREADS 4

/* In static memory: the ids are not lost, only the threads are. */
static ErlDrvTid workers[THREADS];

static void* work(void* argument) {
  for (;;) pause();
  return argument;
}

static void start_workers(void) {
  char name[] = "leaked";
  int i;
  for (i = 0; i < THREADS; ++i) erl_drv_thread_create(name, &workers[i], work, NULL, NULL);
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) start_workers();
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = echo_output,
    .driver_name = "thread_leak_in_control_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(thread_leak_in_control_drv) { return &entry; }
