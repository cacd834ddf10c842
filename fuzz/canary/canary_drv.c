/* The canary of the fuzz targets: a driver with one planted fault, to show that a campaign finds
 * what is there. `control` with a payload that starts with "c4f" writes one byte past the end of a
 * heap block (CWE-787). Every byte of the magic is compared on its own, so that coverage leads to
 * it one byte after the other. canary_fixed_drv.c is the same driver without the fault.
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

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct canary_port* self = (struct canary_port*)data;
  (void)operation;
  (void)reply;
  (void)room;
  if (size > 0 && bytes[0] == 'c') {
    if (size > 1 && bytes[1] == '4') {
      if (size > 2 && bytes[2] == 'f') self->scratch[write_at] = 'x';
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
