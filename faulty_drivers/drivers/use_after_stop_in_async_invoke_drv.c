/* Fault: a job in another thread still uses the port's data when stop has freed it (CWE-672), in
 * the invoke function of driver_async. On OTP: the VM dies, or memory that is somebody else's
 * changes.
 */
#define _GNU_SOURCE

#include <erl_driver.h>
#include <unistd.h>

#include "echo_port.h"

#define INPUT_SIZE 960
#define RESULT_SIZE 256
#define LOOKS 2000
#define LOOK_EVERY_US 1000

/* The room for the input makes it a block of a size that nothing else has: once freed, it is not
 * given to anybody soon. */
struct job {
  struct echo_port port; /* first: the functions of echo_port.h take a job for one */
  char input[INPUT_SIZE];
  char* result;
};

static volatile int is_stopped;

/* A job that takes longer than its port lives. */
static void compute(void* data) {
  struct job* self = data;
  int looks;
  for (looks = 0; looks < LOOKS && !is_stopped; ++looks) usleep(LOOK_EVERY_US);
  if (is_stopped) self->result[0] = 'r';
}

static ErlDrvData start(ErlDrvPort port, char* command) {
  struct job* self = driver_alloc(sizeof(*self));
  if (self == NULL) return ERL_DRV_ERROR_GENERAL;
  self->port.port = port;
  self->port.trigger = fault_trigger_from_command(command);
  self->result = driver_alloc(RESULT_SIZE);
  return (ErlDrvData)self;
}

static void stop(ErlDrvData data) {
  struct job* self = (struct job*)data;
  driver_free(self->result);
  self->result = NULL;
  echo_stop(data);
  is_stopped = 1;
}

static void begin_computing(struct echo_port* port) {
  driver_async(port->port, NULL, compute, port, NULL);
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) begin_computing(self);
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = start,
    .stop = stop,
    .output = echo_output,
    .driver_name = "use_after_stop_in_async_invoke_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(use_after_stop_in_async_invoke_drv) { return &entry; }
