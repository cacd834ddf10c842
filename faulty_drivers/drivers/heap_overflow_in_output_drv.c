/* Fault: once armed, writes 32 bytes beyond a block of driver_alloc (CWE-787), in output.
 * On OTP: the VM dies, but later and elsewhere, in the allocator of whoever uses it next.
 */
#include <erl_driver.h>

#include "echo_port.h"

#define ROOM 4096
#define HEADER 32

/* Volatile, so that no compiler knows that it is too much. */
static volatile size_t used = HEADER + ROOM;

/* Makes room for the body, and forgets that it has a header. The block is larger than those for
 * which the C library skips its checks, so that it finds out when the block is freed. */
static void build_packet(void) {
  char* packet = driver_alloc(ROOM);
  if (packet == NULL) return;
  memset(packet, 0x5a, used);
  driver_free(packet);
}

static void output(ErlDrvData data, char* bytes, ErlDrvSizeT size) {
  struct echo_port* self = (struct echo_port*)data;
  if (self->trigger.is_armed) build_packet();
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
    .driver_name = "heap_overflow_in_output_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(heap_overflow_in_output_drv) { return &entry; }
