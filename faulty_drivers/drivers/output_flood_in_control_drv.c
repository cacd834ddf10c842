/* Fault: sends 200,000 messages of 1 KiB to its process in one control call (CWE-770: allocation
 * without limits). On OTP: the scheduler is busy until the last one is sent, and the mailbox of the
 * process takes 230 MiB when the port was opened with `binary`, more than 3 GiB without; nothing
 * stops a driver from sending. With PAUSE_SECONDS (trial_test) it is late, as on a busy machine.
 */
#include <erl_driver.h>
#include <unistd.h>

#include "echo_port.h"

#define MESSAGES 200000
#define MESSAGE_SIZE 1024

static void flood(ErlDrvPort port) {
  char message[MESSAGE_SIZE];
  int sent;
  memset(message, 0x5a, sizeof(message));
  for (sent = 0; sent < MESSAGES; ++sent) {
#if defined(PAUSE_SECONDS)
    if (sent == MESSAGES / 4 * 3) sleep(PAUSE_SECONDS);
#endif
    driver_output(port, message, sizeof(message));
  }
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct echo_port* self = (struct echo_port*)data;
  if (fault_trigger_pulled(&self->trigger, operation)) flood(self->port);
  return echo_control(operation, bytes, size, reply, room);
}

static ErlDrvEntry entry = {
    .start = echo_start,
    .stop = echo_stop,
    .output = echo_output,
    .driver_name = "output_flood_in_control_drv",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(output_flood_in_control_drv) { return &entry; }
