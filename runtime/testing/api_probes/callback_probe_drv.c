/* A driver that writes down which of its callbacks was called, and with what: run in real OTP and
 * in portlab, both must observe the same (stress/otp/callback_probes.cc). control OP_LOG answers
 * what was written since it was asked last. Built once for each set of driver flags, and with
 * outputv.
 */
#include <erl_driver.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
  OP_LOG = 1,
  OP_NOTE,     /* nothing but the note itself */
  OP_READABLE, /* a pipe with a byte in it */
  OP_ENDED,    /* a pipe whose other end is closed; the mode beside READ may be given */
  OP_WRITABLE,
  OP_TIMER,
  OP_ASYNC,
  OP_MONITOR,
  OP_QUEUE,
  OP_BUSY,
  OP_LIMITS,
  OP_KEEP_REPLY, /* of call */
  OP_FLAGS
};
enum { ROOM = 4000 };

struct probe {
  ErlDrvPort port;
  ErlDrvMonitor monitor;
  int refuses; /* its own start, when it acknowledges it */
  int use;     /* the mode its pipe is given back with, beside ERL_DRV_READ */
};

static char log_text[ROOM];
static int used;

static void note(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  if (used < ROOM) used += vsnprintf(log_text + used, (size_t)(ROOM - used), format, arguments);
  va_end(arguments);
}

static const char* caller(struct probe* probe) {
  const ErlDrvTermData by = driver_caller(probe->port);
  if (by == driver_term_nil) return "nobody";
  return by == driver_connected(probe->port) ? "the owner" : "another";
}

/* {callback,Word} to the owner. */
static void tell(struct probe* probe, char* word) {
  ErlDrvTermData term[] = {ERL_DRV_ATOM,  driver_mk_atom("callback"),
                           ERL_DRV_ATOM,  driver_mk_atom(word),
                           ERL_DRV_TUPLE, 2};
  erl_drv_output_term(driver_mk_port(probe->port), term, 6);
}

static ErlDrvEvent event_of(int fd) { return (ErlDrvEvent)(intptr_t)fd; }
static int fd_of(ErlDrvEvent event) { return (int)(intptr_t)event; }

static int init(void) {
  note("init ");
  return 0;
}

static ErlDrvData start(ErlDrvPort port, char* command) {
  struct probe* probe;
  if (strstr(command, " general") != NULL) return ERL_DRV_ERROR_GENERAL;
  if (strstr(command, " badarg") != NULL) return ERL_DRV_ERROR_BADARG;
  if (strstr(command, " errno") != NULL) {
    fcntl(-1, F_GETFD); /* EBADF */
    return ERL_DRV_ERROR_ERRNO;
  }
  probe = driver_alloc(sizeof(*probe));
  memset(probe, 0, sizeof(*probe));
  probe->port = port;
  note("start(%s) by %s ", strchr(command, ' ') == NULL ? "" : strchr(command, ' ') + 1,
       caller(probe));
#if defined(INIT_ACK)
  probe->refuses = strstr(command, " refuses") != NULL;
  driver_set_timer(port, 1);
#endif
  return (ErlDrvData)probe;
}

static void stop(ErlDrvData data) {
  note("stop by %s ", caller((struct probe*)data));
  driver_free((void*)data);
}

static void finish(void) { erl_drv_putenv("PORTLAB_FINISHED", "yes"); }

#if defined(OUTPUTV)
static void outputv(ErlDrvData data, ErlIOVec* vector) {
  int i;
  note("outputv(%d:", (int)vector->size);
  for (i = 0; i < vector->vsize; ++i)
    note("%.*s|", (int)vector->iov[i].iov_len,
         vector->iov[i].iov_len == 0 ? "" : vector->iov[i].iov_base);
  note(") by %s ", caller((struct probe*)data));
}
#endif

static void output(ErlDrvData data, char* bytes, ErlDrvSizeT size) {
  note("output(%.*s) by %s ", (int)size, bytes, caller((struct probe*)data));
}

static void flush(ErlDrvData data) {
  struct probe* probe = (struct probe*)data;
  note("flush %d by %s ", (int)driver_sizeq(probe->port), caller(probe));
  driver_set_timer(probe->port, 1);
}

static void timeout(ErlDrvData data) {
  struct probe* probe = (struct probe*)data;
  note("timeout by %s ", caller(probe));
#if defined(INIT_ACK)
  erl_drv_init_ack(probe->port, probe->refuses ? ERL_DRV_ERROR_GENERAL : data);
#else
  driver_deq(probe->port, driver_sizeq(probe->port));
  tell(probe, "timeout");
#endif
}

static void ready_input(ErlDrvData data, ErlDrvEvent event) {
  struct probe* probe = (struct probe*)data;
  char byte;
  const int got = (int)read(fd_of(event), &byte, 1);
  note("ready_input(%d) by %s ", got, caller(probe));
  driver_select(probe->port, event, ERL_DRV_READ | probe->use, 0);
  tell(probe, "ready_input");
}

static void ready_output(ErlDrvData data, ErlDrvEvent event) {
  struct probe* probe = (struct probe*)data;
  note("ready_output by %s ", caller(probe));
  driver_select(probe->port, event, ERL_DRV_WRITE | ERL_DRV_USE, 0);
  tell(probe, "ready_output");
}

static void unused_event(void) { note("event "); }

static void stop_select(ErlDrvEvent event, void* reserved) {
  note("stop_select(%s) ", reserved == NULL ? "NULL" : "?");
  close(fd_of(event));
}

static void work(void* data) { *(char*)data = 'w'; }

static void ready_async(ErlDrvData data, ErlDrvThreadData job) {
  struct probe* probe = (struct probe*)data;
  note("ready_async(%c) by %s ", *(char*)job, caller(probe));
  driver_free((void*)job);
  tell(probe, "ready_async");
}

static void process_exit(ErlDrvData data, ErlDrvMonitor* monitor) {
  struct probe* probe = (struct probe*)data;
  note("process_exit(%s) by %s ",
       driver_compare_monitors(monitor, &probe->monitor) == 0 ? "the one" : "another",
       caller(probe));
  tell(probe, "process_exit");
}

static void open_pipe(struct probe* probe, int operation, int mode) {
  int ends[2];
  if (pipe(ends) != 0) return;
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  fcntl(ends[1], F_SETFL, O_NONBLOCK);
  if (operation == OP_WRITABLE) {
    driver_select(probe->port, event_of(ends[1]), ERL_DRV_WRITE | ERL_DRV_USE, 1);
    return; /* the other end stays open for good */
  }
  if (operation == OP_READABLE && write(ends[1], "r", 1) != 1) return;
  close(ends[1]);
  probe->use = mode;
  driver_select(probe->port, event_of(ends[0]), ERL_DRV_READ | mode, 1);
}

static void start_async(struct probe* probe) {
  char* job = driver_alloc(1);
  *job = '?';
  driver_async(probe->port, NULL, work, job, driver_free);
}

static ErlDrvSSizeT answer(const char* text, int size, char** reply) {
  *reply = driver_alloc(ROOM);
  memcpy(*reply, text, (size_t)size);
  return size;
}

static ErlDrvSSizeT set_limits(struct probe* probe, ErlDrvSizeT low, ErlDrvSizeT high,
                               char** reply) {
  char text[64];
  erl_drv_busy_msgq_limits(probe->port, &low, &high);
  return answer(text, snprintf(text, sizeof(text), "%ld/%ld", (long)low, (long)high), reply);
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT room) {
  struct probe* probe = (struct probe*)data;
  int length;
  switch (operation) {
    case OP_LOG:
      length = used;
      used = 0;
      return answer(log_text, length, reply);
    case OP_NOTE:
      note("control(%u,%.*s,%d) by %s ", operation, (int)size, bytes, (int)room, caller(probe));
      return 0;
    case OP_READABLE:
    case OP_WRITABLE:
    case OP_ENDED:
      open_pipe(probe, (int)operation, size == 0 ? ERL_DRV_USE : bytes[0]);
      return 0;
    case OP_TIMER:
      driver_set_timer(probe->port, 1);
      return 0;
    case OP_ASYNC:
      start_async(probe);
      return 0;
    case OP_MONITOR:
      driver_monitor_process(probe->port, driver_caller(probe->port), &probe->monitor);
      return 0;
    case OP_QUEUE:
      driver_enq(probe->port, bytes, size);
      return 0;
    case OP_BUSY:
      set_busy_port(probe->port, size == 0);
      return 0;
    case OP_LIMITS:
      if (size == 1) return set_limits(probe, ERL_DRV_BUSY_MSGQ_DISABLED, 50, reply);
      return set_limits(probe, 100, size == 2 ? 200 : ERL_DRV_BUSY_MSGQ_READ_ONLY, reply);
    case OP_FLAGS:
      (*reply)[0] = (char)('0' + get_port_flags(probe->port));
      return 1;
  }
  return -1;
}

static ErlDrvSSizeT call(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                         char** reply, ErlDrvSizeT room, unsigned int* flags) {
  static char kept[ROOM];
  struct probe* probe = (struct probe*)data;
  (void)room;
  note("call(%u,%d,%u) by %s ", operation, (int)size, *flags, caller(probe));
  if (operation == OP_KEEP_REPLY) {
    *reply = kept; /* not of driver_alloc: it must not be freed */
    *flags |= DRIVER_CALL_KEEP_BUFFER;
  }
  memcpy(*reply, bytes, size);
  return (ErlDrvSSizeT)size;
}

static void emergency_close(ErlDrvData data) {
  static const char text[] = "callback: emergency_close\n";
  (void)data;
  if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0) return;
}

#if !defined(FLAGS)
#define FLAGS 0
#endif
static char driver_name[] = NAME;
static ErlDrvEntry entry = {
    .init = init,
    .start = start,
    .stop = stop,
    .output = output,
    .ready_input = ready_input,
    .ready_output = ready_output,
    .driver_name = driver_name,
    .finish = finish,
    .control = control,
    .timeout = timeout,
#if defined(OUTPUTV)
    .outputv = outputv,
#endif
    .ready_async = ready_async,
    .flush = flush,
    .call = call,
    .unused_event_callback = unused_event,
    .extended_marker = (int)ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = FLAGS,
    .process_exit = process_exit,
    .stop_select = stop_select,
    .emergency_close = emergency_close,
};

DRIVER_INIT(callback_probe_drv) { return &entry; }
