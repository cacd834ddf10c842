/* The driver of the differential tests, the same file in OTP and in portlab: control operations do
 * one thing of the driver API each, and every callback is noted in a log of the library, so that
 * what was called, with what and in which order can be compared.
 *
 * Built as several drivers: DIFFER_NAME, DIFFER_FLAGS (driver_flags), DIFFER_OUTPUTV (outputv in
 * place of output). The start command's words: general, errno, badarg, fail, output, ack_general,
 * ack_errno, ack_badarg, ack_now; a port whose command says `reader` stays out of the log.
 */
#include "differ_drv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char log_bytes[1 << 16];
static size_t log_size;
static int ports_started;
static ErlDrvMutex* log_mutex;

void differ_note(const struct differ* self, const char* format, ...) {
  va_list arguments;
  char line[320];
  int head, body;
  if (self->number == 0) return;
  head = snprintf(line, sizeof(line), "%d ", self->number);
  va_start(arguments, format);
  body = vsnprintf(line + head, sizeof(line) - (size_t)head - 1, format, arguments);
  va_end(arguments);
  if (body < 0) return;
  if ((size_t)(head + body) > sizeof(line) - 2) body = (int)sizeof(line) - 2 - head;
  line[head + body] = '\n';
  erl_drv_mutex_lock(log_mutex);
  if (log_size + (size_t)(head + body + 1) <= sizeof(log_bytes)) {
    memcpy(log_bytes + log_size, line, (size_t)(head + body + 1));
    log_size += (size_t)(head + body + 1);
  }
  erl_drv_mutex_unlock(log_mutex);
}

size_t differ_take_log(const char** bytes) {
  size_t size;
  erl_drv_mutex_lock(log_mutex);
  *bytes = log_bytes;
  size = log_size;
  log_size = 0;
  erl_drv_mutex_unlock(log_mutex);
  return size;
}

void differ_tell(const struct differ* self, const char* word) {
  ErlDrvTermData term[] = {
      ERL_DRV_ATOM, driver_mk_atom("probe"),    ERL_DRV_ATOM,  driver_mk_atom((char*)word),
      ERL_DRV_PORT, driver_mk_port(self->port), ERL_DRV_TUPLE, 3};
  erl_drv_output_term(driver_mk_port(self->port), term, sizeof(term) / sizeof(term[0]));
}

static int init(void) {
  log_mutex = erl_drv_mutex_create("differ_log");
  return log_mutex == NULL;
}

static void finish(void) { erl_drv_mutex_destroy(log_mutex); }

enum { entry_flags = DIFFER_FLAGS };

/* How a driver with ERL_DRV_FLAG_USE_INIT_ACK acknowledges, a millisecond after start. */
static const char* const acknowledgements[] = {"", " ack_general", " ack_errno", " ack_badarg"};

static ErlDrvData acknowledged(const struct differ* self) {
  switch (self->acknowledge) {
    case 1:
      return ERL_DRV_ERROR_GENERAL;
    case 2:
      errno = ENOTTY;
      return ERL_DRV_ERROR_ERRNO;
    case 3:
      return ERL_DRV_ERROR_BADARG;
    default:
      return (ErlDrvData)self;
  }
}

static ErlDrvData start(ErlDrvPort port, char* command) {
  struct differ* self;
  size_t i;
  if (strstr(command, " general")) return ERL_DRV_ERROR_GENERAL;
  if (strstr(command, " errno")) {
    errno = ENOTTY;
    return ERL_DRV_ERROR_ERRNO;
  }
  if (strstr(command, " badarg")) return ERL_DRV_ERROR_BADARG;
  if (strstr(command, " fail")) {
    driver_failure_atom(port, "early");
    return NULL;
  }
  self = driver_alloc(sizeof(*self));
  memset(self, 0, sizeof(*self));
  self->port = port;
  self->pipe_in = -1;
  self->acknowledge = -1;
  self->number = strstr(command, " reader") ? 0 : ++ports_started;
  differ_note(self, "start %s flags %d", command, get_port_flags(port));
  if (strstr(command, " output")) driver_output(port, "from start", 10);
  if (entry_flags & ERL_DRV_FLAG_USE_INIT_ACK) {
    self->acknowledge = 0;
    for (i = 1; i < sizeof(acknowledgements) / sizeof(acknowledgements[0]); ++i) {
      if (strstr(command, acknowledgements[i])) self->acknowledge = (int)i;
    }
    if (strstr(command, " ack_now")) {
      self->acknowledge = -1;
      erl_drv_init_ack(port, (ErlDrvData)self);
    } else {
      driver_set_timer(port, 1);
    }
  }
  return (ErlDrvData)self;
}

static void stop(ErlDrvData data) {
  struct differ* self = (struct differ*)data;
  differ_note(self, "stop caller %d", driver_caller(self->port) != driver_term_nil);
  if (self->pipe_in >= 0) {
    driver_select(self->port, (ErlDrvEvent)(size_t)self->pipe_in, ERL_DRV_READ | ERL_DRV_USE, 0);
  }
  driver_free(self);
}

static void stop_select(ErlDrvEvent event, void* reserved) {
  (void)reserved;
  close((int)(size_t)event);
}

static void timeout(ErlDrvData data) {
  struct differ* self = (struct differ*)data;
  differ_note(self, "timeout caller %d", driver_caller(self->port) != driver_term_nil);
  if (self->acknowledge >= 0) {
    const ErlDrvData result = acknowledged(self);
    self->acknowledge = -1;
    erl_drv_init_ack(self->port, result);
  } else if (self->draining) {
    driver_deq(self->port, driver_sizeq(self->port));
  } else {
    differ_tell(self, "timeout");
  }
}

static void flush(ErlDrvData data) {
  struct differ* self = (struct differ*)data;
  differ_note(self, "flush %lu", (unsigned long)driver_sizeq(self->port));
  if (self->flush_mode == DRAIN_NOW) driver_deq(self->port, driver_sizeq(self->port));
  if (self->flush_mode == DRAIN_LATER) {
    self->draining = 1;
    driver_set_timer(self->port, 20);
    differ_note(self, "timer 20");
  }
}

static void ready_input(ErlDrvData data, ErlDrvEvent event) {
  struct differ* self = (struct differ*)data;
  char bytes[16];
  const ssize_t got = read((int)(size_t)event, bytes, sizeof(bytes));
  differ_note(self, "ready_input %ld", (long)got);
  if (got > 0) driver_output(self->port, bytes, (ErlDrvSizeT)got);
  if (got != 0) return;
  driver_select(self->port, event, ERL_DRV_READ | ERL_DRV_USE, 0);
  self->pipe_in = -1;
  differ_tell(self, "pipe_closed");
}

static void ready_async(ErlDrvData data, ErlDrvThreadData job) {
  struct differ* self = (struct differ*)data;
  differ_note(self, "ready_async %d", *(int*)job);
  differ_tell(self, "async_done");
  free(job);
}

static void process_exit(ErlDrvData data, ErlDrvMonitor* monitor) {
  struct differ* self = (struct differ*)data;
  const int known = driver_get_monitored_process(self->port, monitor) != driver_term_nil;
  differ_note(self, "process_exit equal %d known %d",
              driver_compare_monitors(monitor, &self->monitor) == 0, known);
  differ_tell(self, "monitored_exit");
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned number, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct differ* self = (struct differ*)data;
  const differ_operation operation = differ_operation_of(number);
  if (number != TAKE_LOG)
    differ_note(self, "control %u size %lu room %lu", number, (unsigned long)size,
                (unsigned long)room);
  return operation == NULL ? -1 : operation(self, bytes, size, reply);
}

/* What comes is a term in external format, and so is what goes back; 1 refuses, 2 answers with what
 * is no term, 3 with a buffer that stays the driver's. */
static ErlDrvSSizeT call(ErlDrvData data, unsigned number, char* bytes, ErlDrvSizeT size,
                         char** reply, ErlDrvSizeT room, unsigned* flags) {
  static char kept[] = {(char)131, 'a', 42};
  differ_note((struct differ*)data, "call %u size %lu", number, (unsigned long)size);
  if (number == 1) return -1;
  if (number == 3) {
    *reply = kept;
    *flags |= DRIVER_CALL_KEEP_BUFFER;
    return sizeof(kept);
  }
  if (size > room) *reply = driver_alloc(size);
  memcpy(*reply, bytes, size);
  if (number == 2) (*reply)[0] = 'x';
  return (ErlDrvSSizeT)size;
}

static int act_on_output(struct differ* self) {
  switch (self->output_mode) {
    case BUSY_AFTERWARDS:
      set_busy_port(self->port, 1);
      return 1;
    case FAIL:
      driver_failure_atom(self->port, "output_failed");
      return 0;
    case SLEEP:
      usleep(30000);
      return 1;
    default:
      return self->output_mode != IGNORE;
  }
}

#ifdef DIFFER_OUTPUTV
static void outputv(ErlDrvData data, ErlIOVec* vector) {
  struct differ* self = (struct differ*)data;
  char sizes[240] = "";
  size_t used = 0;
  int i;
  for (i = 0; i < vector->vsize && used + 24 < sizeof(sizes); ++i) {
    used += (size_t)snprintf(sizes + used, sizeof(sizes) - used, " %lu%s",
                             (unsigned long)vector->iov[i].iov_len, vector->binv[i] ? "b" : "");
  }
  differ_note(self, "outputv vsize %d size %lu items%s", vector->vsize, (unsigned long)vector->size,
              sizes);
  if (self->output_mode == QUEUE) {
    driver_enqv(self->port, vector, 0);
  } else if (act_on_output(self)) {
    driver_outputv(self->port, NULL, 0, vector, 0);
  }
}
#else
static void output(ErlDrvData data, char* bytes, ErlDrvSizeT size) {
  struct differ* self = (struct differ*)data;
  differ_note(self, "output %lu %.*s owner %d", (unsigned long)size, size < 12 ? (int)size : 12,
              size == 0 ? "" : bytes, driver_caller(self->port) == driver_connected(self->port));
  if (self->output_mode == QUEUE) {
    driver_enq(self->port, bytes, size);
  } else if (act_on_output(self)) {
    driver_output(self->port, bytes, size);
  }
}
#endif

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)
static char driver_name[] = TEXT(DIFFER_NAME);
static ErlDrvEntry entry = {
    .init = init,
    .start = start,
    .stop = stop,
#ifdef DIFFER_OUTPUTV
    .outputv = outputv,
#else
    .output = output,
#endif
    .ready_input = ready_input,
    .driver_name = driver_name,
    .finish = finish,
    .control = control,
    .timeout = timeout,
    .ready_async = ready_async,
    .flush = flush,
    .call = call,
    .extended_marker = (int)ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = entry_flags,
    .process_exit = process_exit,
    .stop_select = stop_select,
};

DRIVER_INIT(DIFFER_NAME) { return &entry; }
