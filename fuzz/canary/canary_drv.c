/* The canary of the fuzz targets: a driver with one planted fault, to show that a campaign finds
 * what is there. `control` with a payload such as "K7x!" (a capital, a digit, a small letter, a
 * character that is none of them) writes one byte past the end of a heap block (CWE-787). Each byte
 * is looked at only when those before it are right, so that coverage of this library, and nothing
 * else, leads to the fault one step after the other. canary_fixed_drv.c is the same driver without
 * the fault.
 */
#include <erl_driver.h>

#define SCRATCH_BYTES 8

#ifdef CANARY_FIXED
#define CANARY_NAME "canary_fixed_drv"
#define CANARY_INDEX (SCRATCH_BYTES - 1)
#else
#define CANARY_NAME "canary_drv"
#define CANARY_INDEX SCRATCH_BYTES
#endif

struct canary_port {
  char* scratch;
};

static ErlDrvData start(ErlDrvPort port, char* command) {
  struct canary_port* self = driver_alloc(sizeof(*self));
  (void)port;
  (void)command;
  if (self == NULL) return ERL_DRV_ERROR_GENERAL;
  self->scratch = driver_alloc(SCRATCH_BYTES);
  return (ErlDrvData)self;
}

static void stop(ErlDrvData data) {
  struct canary_port* self = (struct canary_port*)data;
  driver_free(self->scratch);
  driver_free(self);
}

/* Volatile, so that no compiler sees where it points. */
static volatile int write_at = CANARY_INDEX;

static int is_between(char byte, char low, char high) { return low <= byte && byte <= high; }

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct canary_port* self = (struct canary_port*)data;
  (void)operation;
  (void)reply;
  (void)room;
  if (size > 0 && is_between(bytes[0], 'A', 'Z')) {
    if (size > 1 && is_between(bytes[1], '0', '9')) {
      if (size > 2 && is_between(bytes[2], 'a', 'z')) {
        if (size > 3 && is_between(bytes[3], '!', '/')) self->scratch[write_at] = 'x';
      }
    }
  }
  return 0;
}

static ErlDrvEntry entry = {
    .start = start,
    .stop = stop,
    .driver_name = CANARY_NAME,
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(canary_drv) { return &entry; }
