/* A driver without faults that has every callback a payload can reach, so that fuzz targets meet
 * all of them: outputv, control, call, timeout, ready_async, flush.
 *
 * Commands come back as they are. `control`: ECHO replies with the bytes; TIMER sets a timer of
 * (first byte) milliseconds that sends "tick"; ENQUEUE puts the bytes on the port's queue, which
 * DEQUEUE empties by (first byte) bytes; ASYNC has the bytes summed elsewhere and sends the sum;
 * BUSY makes the port busy when the first byte is not 0; TERM sends {Port,{payload,Bytes}}; others
 * are refused. `call` answers with the term it got. Threads: under the port's lock, but sum().
 * Ownership: the VM holds the payload_port from start to stop.
 */
#include <erl_driver.h>
#include <string.h>

enum payload_operation { ECHO, TIMER, ENQUEUE, DEQUEUE, ASYNC, BUSY, TERM };

struct payload_port {
  ErlDrvPort port;
  ErlDrvTermData tag;
};

struct sum_job {
  ErlDrvSizeT size;
  unsigned int sum;
  unsigned char bytes[];
};

static ErlDrvData payload_start(ErlDrvPort port, char* command) {
  (void)command;
  struct payload_port* self = driver_alloc(sizeof(*self));
  if (self == NULL) return ERL_DRV_ERROR_GENERAL;
  self->port = port;
  self->tag = driver_mk_atom("payload");
  return (ErlDrvData)self;
}

static void payload_stop(ErlDrvData data) { driver_free(data); }

static void payload_outputv(ErlDrvData data, ErlIOVec* vector) {
  driver_outputv(((struct payload_port*)data)->port, NULL, 0, vector, 0);
}

static void sum(void* data) {
  struct sum_job* job = data;
  for (ErlDrvSizeT i = 0; i < job->size; ++i) job->sum += job->bytes[i];
}

static void start_job(struct payload_port* self, const char* bytes, ErlDrvSizeT size) {
  struct sum_job* job = driver_alloc(sizeof(*job) + size);
  if (job == NULL) return;
  job->size = size;
  job->sum = 0;
  if (size > 0) memcpy(job->bytes, bytes, size);
  driver_async(self->port, NULL, sum, job, driver_free);
}

static void payload_ready_async(ErlDrvData data, ErlDrvThreadData job) {
  unsigned int total = ((struct sum_job*)job)->sum;
  driver_output(((struct payload_port*)data)->port, (char*)&total, sizeof(total));
  driver_free(job);
}

static void payload_timeout(ErlDrvData data) {
  char tick[] = "tick";
  driver_output(((struct payload_port*)data)->port, tick, sizeof(tick) - 1);
}

static void payload_flush(ErlDrvData data) {
  ErlDrvPort port = ((struct payload_port*)data)->port;
  driver_deq(port, driver_sizeq(port));
}

static void send_term(struct payload_port* self, const char* bytes, ErlDrvSizeT size) {
  ErlDrvTermData port = driver_mk_port(self->port);
  ErlDrvTermData spec[] = {ERL_DRV_PORT,
                           port,
                           ERL_DRV_ATOM,
                           self->tag,
                           ERL_DRV_BUF2BINARY,
                           (ErlDrvTermData)bytes,
                           size,
                           ERL_DRV_TUPLE,
                           2,
                           ERL_DRV_TUPLE,
                           2};
  erl_drv_output_term(port, spec, sizeof(spec) / sizeof(spec[0]));
}

/* In the VM's buffer when it fits, else in one that becomes the VM's. */
static ErlDrvSSizeT reply_with(const char* bytes, ErlDrvSizeT size, char** reply,
                               ErlDrvSizeT room) {
  if (size > room) {
    char* larger = driver_alloc(size);
    if (larger == NULL) return -1;
    *reply = larger;
  }
  if (size > 0) memcpy(*reply, bytes, size);
  return (ErlDrvSSizeT)size;
}

static ErlDrvSSizeT payload_control(ErlDrvData data, unsigned int operation, char* bytes,
                                    ErlDrvSizeT size, char** reply, ErlDrvSizeT room) {
  struct payload_port* self = (struct payload_port*)data;
  const unsigned char first = size > 0 ? (unsigned char)bytes[0] : 0;
  switch (operation) {
    case ECHO:
      return reply_with(bytes, size, reply, room);
    case TIMER:
      return driver_set_timer(self->port, first);
    case ENQUEUE:
      return driver_enq(self->port, bytes, size);
    case DEQUEUE: {
      const ErlDrvSizeT held = driver_sizeq(self->port);
      driver_deq(self->port, first < held ? first : held);
      return 0;
    }
    case ASYNC:
      start_job(self, bytes, size);
      return 0;
    case BUSY:
      set_busy_port(self->port, first != 0);
      return 0;
    case TERM:
      send_term(self, bytes, size);
      return 0;
    default:
      return -1;
  }
}

static ErlDrvSSizeT payload_call(ErlDrvData data, unsigned int operation, char* bytes,
                                 ErlDrvSizeT size, char** reply, ErlDrvSizeT room,
                                 unsigned int* flags) {
  (void)data;
  (void)operation;
  (void)flags;
  return reply_with(bytes, size, reply, room);
}

static ErlDrvEntry payload_entry = {.start = payload_start,
                                    .stop = payload_stop,
                                    .driver_name = "payload_drv",
                                    .control = payload_control,
                                    .timeout = payload_timeout,
                                    .outputv = payload_outputv,
                                    .ready_async = payload_ready_async,
                                    .flush = payload_flush,
                                    .call = payload_call,
                                    .extended_marker = ERL_DRV_EXTENDED_MARKER,
                                    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
                                    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
                                    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING};

DRIVER_INIT(payload_drv) { return &payload_entry; }
