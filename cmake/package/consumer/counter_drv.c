/* Somebody's driver: counts. `control` with operation 1 adds the bytes of the request, operation 2
 * replies with the sum. With COUNTER_BROKEN it believes operation 3, which it should refuse, and
 * writes where the request says.
 */
#include <erl_driver.h>

#ifndef DRIVER_NAME
#define DRIVER_NAME counter_drv
#endif
#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)

enum { ADD = 1, SUM = 2, WRITE = 3 };

struct counter {
  unsigned int sum;
};

static ErlDrvData start(ErlDrvPort port, char* command) {
  (void)port;
  (void)command;
  struct counter* self = driver_alloc(sizeof(*self));
  if (self == 0) return ERL_DRV_ERROR_GENERAL;
  self->sum = 0;
  return (ErlDrvData)self;
}

static void stop(ErlDrvData data) { driver_free(data); }

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct counter* self = (struct counter*)data;
  switch (operation) {
    case ADD:
      for (ErlDrvSizeT i = 0; i < size; ++i) self->sum += (unsigned char)bytes[i];
      return 0;
    case SUM:
      if (room < sizeof(self->sum)) return -1;
      *(unsigned char*)*reply = (unsigned char)self->sum;
      return 1;
#ifdef COUNTER_BROKEN
    case WRITE:
      *(volatile char*)(unsigned long)size = 1;
      return 0;
#endif
    default:
      return -1;
  }
}

static ErlDrvEntry entry = {.start = start,
                            .stop = stop,
                            .control = control,
                            .driver_name = TEXT(DRIVER_NAME),
                            .extended_marker = ERL_DRV_EXTENDED_MARKER,
                            .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
                            .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
                            .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING};

DRIVER_INIT(counter_drv) { return &entry; }
