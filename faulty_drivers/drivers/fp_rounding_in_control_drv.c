/* Fault: leaves the floating point unit of its thread rounding upward (CWE-682), in control.
 * On OTP: 1.0/3.0 and math:exp/1 give other bits from then on, whenever they run on that scheduler.
 */
#include <erl_driver.h>
#include <fenv.h>

#include "echo_port.h"

static void compute_upper_bound(void) { fesetround(FE_UPWARD); }

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) compute_upper_bound();
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = echo_output,
    .driver_name = "fp_rounding_in_control_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(fp_rounding_in_control_drv) { return &entry; }
