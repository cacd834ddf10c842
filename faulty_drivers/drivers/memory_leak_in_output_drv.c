/* Fault: once armed, loses 1 MiB of memory with every command (CWE-401), in output.
 * On OTP: the memory stays taken when the port is closed, until the VM ends; it grows until the
 * machine has none left.
 */
#include <erl_driver.h>

#include "echo_port.h"

#define LEAK_SIZE (1024 * 1024)

/* Touched, so that the memory is really used up and not only reserved. */
static void leak(void) {
  char* lost = driver_alloc(LEAK_SIZE);
  if (lost != NULL) memset(lost, 0x5a, LEAK_SIZE);
}

static void output(ErlDrvData data, char* bytes, ErlDrvSizeT size) {
  struct echo_port* self = (struct echo_port*)data;
  if (self->trigger.is_armed) leak();
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
    .driver_name = "memory_leak_in_output_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(memory_leak_in_output_drv) { return &entry; }
