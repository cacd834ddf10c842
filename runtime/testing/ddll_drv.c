/* A driver for the tests of erl_ddll, built as two generations of one name. GENERATION is what it
 * answers. A process variable makes init fail: DDLL_DRV_INIT_FAILS.
 */
#include <erl_driver.h>
#include <stdlib.h>
#include <unistd.h>

enum { OP_GENERATION = 1, OP_LOCK, OP_ASYNC };

static int init(void) { return getenv("DDLL_DRV_INIT_FAILS") != NULL; }

static ErlDrvData start(ErlDrvPort port, char* command) {
  (void)command;
  return (ErlDrvData)port;
}

static void work(void* data) {
  (void)data;
  usleep(300 * 1000);
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT reply_size) {
  (void)bytes, (void)size, (void)reply_size;
  switch (operation) {
    case OP_GENERATION:
      (*reply)[0] = GENERATION;
      return 1;
    case OP_LOCK:
      (*reply)[0] = (char)('0' + driver_lock_driver((ErlDrvPort)data));
      return 1;
    case OP_ASYNC:
      driver_async((ErlDrvPort)data, NULL, work, NULL, NULL);
      return 0;
  }
  return -1;
}

static ErlDrvEntry entry = {
    .init = init,
    .start = start,
    .driver_name = "ddll_drv",
    .control = control,
    .extended_marker = (int)ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(ddll_drv) { return &entry; }
