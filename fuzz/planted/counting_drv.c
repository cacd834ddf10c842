/* The practice target for state that outlives an input: it counts the commands of all its ports in
 * a variable of its own, answers with the count (control 1: two runs of one input differ), and
 * fails when it is asked for a summary of more than one input can send (control 2, CWE-476: it
 * needs a history). COUNTING_FIXED counts in the port instead.
 */
#include <erl_driver.h>
#include <string.h>

#ifdef COUNTING_FIXED
#define COUNTING_NAME "counting_fixed_drv"
#define COUNTING 0
#else
#define COUNTING_NAME "counting_drv"
#define COUNTING 1
#endif

#define NOINLINE __attribute__((noinline))
/* An input has at most 32 operations. */
#define MORE_THAN_AN_INPUT 33

struct counting_port {
  unsigned commands;
};

static unsigned commands_ever;
static unsigned volatile sink;

static ErlDrvData start(ErlDrvPort port, char* command) {
  struct counting_port* self = driver_alloc(sizeof(*self));
  (void)port;
  (void)command;
  if (self == NULL) return ERL_DRV_ERROR_GENERAL;
  self->commands = 0;
  return (ErlDrvData)self;
}

static void stop(ErlDrvData data) { driver_free(data); }

static void output(ErlDrvData data, char* bytes, ErlDrvSizeT size) {
  (void)bytes;
  (void)size;
  ++((struct counting_port*)data)->commands;
  ++commands_ever;
}

static NOINLINE void summarise(unsigned commands) {
  static const char few[] = "few";
  const char* words = commands < MORE_THAN_AN_INPUT ? few : NULL;
  sink = (unsigned char)*words & 0xf0u;
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  const unsigned count = COUNTING ? commands_ever : ((struct counting_port*)data)->commands;
  (void)bytes;
  (void)size;
  (void)room;
  switch (operation) {
    case 1:
      memcpy(*reply, &count, sizeof(count));
      return sizeof(count);
    case 2:
      summarise(count);
      return 0;
    default:
      return 0;
  }
}

static ErlDrvEntry entry = {
    .start = start,
    .stop = stop,
    .output = output,
    .driver_name = COUNTING_NAME,
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(counting_drv) { return &entry; }
