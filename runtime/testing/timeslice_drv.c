/* A driver that uses up time: control(Percent, _) calls erl_drv_consume_timeslice and answers what
 * that answered; 0 does not. What it is sent it notes: the first letter, in a log that all its
 * ports share and that control 101 answers and empties. A capital letter uses up a whole time
 * slice.
 */
#include <erl_driver.h>
#include <string.h>

#define OP_TAKE_LOG 101

static char noted[256];
static unsigned noted_size;

static ErlDrvData start(ErlDrvPort port, char* command) {
  (void)command;
  return (ErlDrvData)port;
}

static void output(ErlDrvData data, char* bytes, ErlDrvSizeT size) {
  if (size == 0 || noted_size == sizeof(noted)) return;
  noted[noted_size++] = bytes[0];
  if (bytes[0] >= 'A' && bytes[0] <= 'Z') erl_drv_consume_timeslice((ErlDrvPort)data, 100);
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  (void)bytes;
  (void)size;
  if (operation == 0) return 0;
  if (operation != OP_TAKE_LOG) {
    **reply = (char)erl_drv_consume_timeslice((ErlDrvPort)data, (int)operation);
    return 1;
  }
  if (noted_size > room) return -1;
  memcpy(*reply, noted, noted_size);
  size = noted_size;
  noted_size = 0;
  return (ErlDrvSSizeT)size;
}

static ErlDrvSSizeT call(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                         char** reply, ErlDrvSizeT room, unsigned int* flags) {
  (void)data;
  (void)operation;
  (void)flags;
  if (size > room) return -1;
  memcpy(*reply, bytes, size);
  return (ErlDrvSSizeT)size;
}

static ErlDrvEntry entry = {
    .start = start,
    .output = output,
    .driver_name = "timeslice_drv",
    .control = control,
    .call = call,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(timeslice_drv) { return &entry; }
