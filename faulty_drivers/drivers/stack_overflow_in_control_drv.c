/* Fault: recurses until the stack is used up (CWE-674), in control.
 * On OTP: the VM dies of SIGSEGV (exit status 139); the stacks of its schedulers are small.
 */
#include <erl_driver.h>

#include "echo_port.h"

struct node {
  const struct node* next;
};

/* A list that bites its own tail. Volatile, so that no compiler sees that it has no end. */
static const struct node ring = {&ring};
static const struct node* volatile list = &ring;

/* The scratch space is used after the call, so that the recursion cannot become a loop. */
static unsigned length_of(const struct node* node) {
  volatile unsigned scratch[64];
  if (node == NULL) return 0;
  scratch[0] = 1;
  scratch[1] = length_of(node->next);
  return scratch[0] + scratch[1];
}

static volatile unsigned length;

static void measure_list(void) { length = length_of(list); }

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) measure_list();
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = echo_output,
    .driver_name = "stack_overflow_in_control_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(stack_overflow_in_control_drv) { return &entry; }
