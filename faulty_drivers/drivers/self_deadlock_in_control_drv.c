/* Fault: locks a mutex that it holds already (CWE-764), in control.
 * On OTP: the scheduler thread is lost with the processes in its run queue, as with an endless
 * loop.
 */
#include <erl_driver.h>

#include "echo_port.h"

static ErlDrvMutex* mutex;

static void update(void) {
  erl_drv_mutex_lock(mutex);
  erl_drv_mutex_unlock(mutex);
}

static void update_twice(void) {
  char name[] = "self_deadlock";
  mutex = erl_drv_mutex_create(name);
  if (mutex == NULL) return;
  erl_drv_mutex_lock(mutex);
  update();
  erl_drv_mutex_unlock(mutex);
  erl_drv_mutex_destroy(mutex);
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) update_twice();
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = echo_output,
    .driver_name = "self_deadlock_in_control_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(self_deadlock_in_control_drv) { return &entry; }
