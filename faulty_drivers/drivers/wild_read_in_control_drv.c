/* Fault: reads through a pointer that never pointed anywhere (CWE-822), in control.
 * On OTP: the VM dies of SIGSEGV (exit status 139), and every process and port with it.
 */
#include <erl_driver.h>

#include "echo_port.h"

/* Volatile, so that no compiler sees where it points: an address nothing is mapped at. */
static const int* volatile wild = (const int*)(uintptr_t)0xdead0000u;
static volatile int seen;

static void read_wildly(void) { seen = *wild; }

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) read_wildly();
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = echo_output,
    .driver_name = "wild_read_in_control_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(wild_read_in_control_drv) { return &entry; }
