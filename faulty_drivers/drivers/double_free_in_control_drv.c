/* Fault: frees a block of driver_alloc twice (CWE-415), in control.
 * On OTP: the VM dies of SIGSEGV (exit status 139), and every process and port with it.
 */
#include <erl_driver.h>

#include "echo_port.h"

#define BLOCK_SIZE 64

static void clean_up(void* block) { driver_free(block); }

/* As an error path that cleans up, and a caller that does so again. */
static void fail(void) {
  void* block = driver_alloc(BLOCK_SIZE);
  clean_up(block);
  clean_up(block);
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) fail();
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = echo_output,
    .driver_name = "double_free_in_control_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(double_free_in_control_drv) { return &entry; }
