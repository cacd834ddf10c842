/* A driver that counts its own starts and stops, and whose start fails on request: what the
 * open/close stress compares the runtime's counts with. Its start command says what start does:
 * "churn_drv ok", "churn_drv general", "churn_drv errno", "churn_drv badarg". control 1 replies
 * "starts refused stops" as text. Threads: counts are atomic; port locking.
 */
#include <erl_driver.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static atomic_long starts, refused, stops;

static ErlDrvData start(ErlDrvPort port, char* command) {
  (void)command;
  if (strstr(command, " general") != NULL) {
    atomic_fetch_add(&refused, 1);
    return ERL_DRV_ERROR_GENERAL;
  }
  if (strstr(command, " errno") != NULL) {
    atomic_fetch_add(&refused, 1);
    errno = ENOTTY;
    return ERL_DRV_ERROR_ERRNO;
  }
  if (strstr(command, " badarg") != NULL) {
    atomic_fetch_add(&refused, 1);
    return ERL_DRV_ERROR_BADARG;
  }
  atomic_fetch_add(&starts, 1);
  return (ErlDrvData)port;
}

static void stop(ErlDrvData data) {
  (void)data;
  atomic_fetch_add(&stops, 1);
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT reply_size) {
  (void)data, (void)bytes, (void)size;
  if (operation != 1) return -1;
  return snprintf(*reply, reply_size, "%ld %ld %ld", atomic_load(&starts), atomic_load(&refused),
                  atomic_load(&stops));
}

static char driver_name[] = "churn_drv";
static ErlDrvEntry entry = {.start = start,
                            .stop = stop,
                            .control = control,
                            .driver_name = driver_name,
                            .extended_marker = (int)ERL_DRV_EXTENDED_MARKER,
                            .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
                            .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
                            .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING};

DRIVER_INIT(churn_drv) { return &entry; }
