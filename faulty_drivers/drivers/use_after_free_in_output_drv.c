/* Fault: once armed, writes to a block of driver_alloc that is freed already (CWE-416), in output.
 * On OTP: the VM dies, but later and elsewhere, in the allocator of whoever uses it next.
 */
#include <erl_driver.h>

#include "echo_port.h"

struct record {
  struct record* volatile next;
  char text[2000];
};

/* Ends the list at a record that has just been freed. The block is larger than those for which the
 * C library skips its checks; the record that follows keeps it from growing into free memory. */
static void end_list(void) {
  struct record* last = driver_alloc(sizeof(*last));
  struct record* following = driver_alloc(sizeof(*following));
  void* larger;
  if (last == NULL || following == NULL) return;
  driver_free(last);
  last->next = NULL;
  larger = driver_alloc(4 * sizeof(*last)); /* where the C library may notice */
  driver_free(larger);
  driver_free(following);
}

static void output(ErlDrvData data, char* bytes, ErlDrvSizeT size) {
  struct echo_port* self = (struct echo_port*)data;
  if (self->trigger.is_armed) end_list();
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
    .driver_name = "use_after_free_in_output_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(use_after_free_in_output_drv) { return &entry; }
