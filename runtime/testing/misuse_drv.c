/* A driver for tests: breaks one rule of the driver API for each control operation, or, where the
 * rule is about replies of call, for each call operation.
 */
#include <erl_driver.h>
#include <string.h>
#include <unistd.h>

enum {
  OP_OVERLONG_REPLY = 1,  /* says one byte more than there is room for */
  OP_WRITE_BEHIND,        /* writes one byte more than there is room for */
  OP_FULL_REPLY,          /* no breach */
  OP_REMEMBER_PORT,       /* no breach */
  OP_USE_REMEMBERED_PORT, /* a timer of the remembered port */
  OP_FAIL_AND_GO_ON,      /* no breach: ends its port and still calls the API */
  OP_IN_A_THREAD,         /* a timer of its port, from a thread of the driver's */
  OP_IN_AN_EMERGENCY      /* as OP_OVERLONG_REPLY, and once more in emergency_close */
};

static ErlDrvPort remembered;
static int breaks_in_emergency;

static ErlDrvData start(ErlDrvPort port, char* command) {
  (void)command;
  return (ErlDrvData)port;
}

static ErlDrvSSizeT reply_of(unsigned int operation, char* reply, ErlDrvSizeT room) {
  const ErlDrvSizeT written = operation == OP_WRITE_BEHIND ? room + 1 : room;
  reply[0] = (char)131; /* an external term: a binary that fills the buffer */
  reply[1] = 'm';
  reply[2] = reply[3] = reply[4] = 0;
  reply[5] = (char)(room - 6);
  memset(reply + 6, 'x', written - 6);
  return (ErlDrvSSizeT)(operation == OP_OVERLONG_REPLY ? room + 1 : room);
}

/* Functions of their own, which a report is to name. */
__attribute__((noinline)) static ErlDrvSSizeT use_remembered(void) {
  return driver_set_timer(remembered, 1) == 0 ? 0 : -1;
}

static void* in_a_thread(void* port) {
  return driver_set_timer((ErlDrvPort)port, 1) == 0 ? port : NULL;
}

static ErlDrvSSizeT start_thread(ErlDrvPort port) {
  ErlDrvTid thread;
  erl_drv_thread_create("misuse", &thread, in_a_thread, port, NULL);
  erl_drv_thread_join(thread, NULL);
  return 0;
}

static void emergency_close(ErlDrvData data) {
  static const char text[] = "misuse_drv: emergency_close\n";
  if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0) return;
  if (breaks_in_emergency) driver_set_timer((ErlDrvPort)data, 1);
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  const ErlDrvPort port = (ErlDrvPort)data;
  volatile ErlDrvSSizeT used;
  (void)bytes;
  (void)size;
  switch (operation) {
    case OP_REMEMBER_PORT:
      remembered = port;
      return 0;
    case OP_USE_REMEMBERED_PORT:
      used = use_remembered(); /* no tail call: both are to be on the stack */
      return used;
    case OP_IN_A_THREAD:
      return start_thread(port);
    case OP_IN_AN_EMERGENCY:
      breaks_in_emergency = 1;
      return reply_of(OP_OVERLONG_REPLY, *reply, room);
    case OP_FAIL_AND_GO_ON:
      driver_failure_eof(port);
      driver_set_timer(port, 1);
      return 0;
    default:
      return reply_of(operation, *reply, room);
  }
}

static ErlDrvSSizeT call(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                         char** reply, ErlDrvSizeT room, unsigned int* flags) {
  (void)data;
  (void)bytes;
  (void)size;
  (void)flags;
  return reply_of(operation, *reply, room);
}

static ErlDrvEntry entry = {
    .start = start,
    .driver_name = "misuse_drv",
    .control = control,
    .call = call,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
    .emergency_close = emergency_close,
};

DRIVER_INIT(misuse_drv) { return &entry; }
