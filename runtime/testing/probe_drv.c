/* A driver for tests: does one thing of the driver API for each control operation, and tells the
 * connected process what its callbacks saw. Start command words: general, errno, badarg, output
 * (says something inside start), fail (fails itself there).
 */
#include <erl_driver.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(ONE_LOCK) /* for all ports of the driver */
#define PROBE_NAME "probe_one_lock_drv"
#define PROBE_FLAGS 0
#else
#define PROBE_NAME "probe_drv"
#define PROBE_FLAGS ERL_DRV_FLAG_USE_PORT_LOCKING
#endif

enum {
  OP_FAIL_ATOM = 1,
  OP_FAIL_POSIX,
  OP_FAIL_17,
  OP_FAIL_0,
  OP_EXIT,
  OP_EOF,
  OP_TIMER,
  OP_BUSY,
  OP_IDLE,
  OP_ASYNC,
  OP_MONITOR_CALLER,
  OP_ENQUEUE,
  OP_TERM,
  OP_PIPE,
  OP_CREATE_PORT,
  OP_REPLY_BINARY,
  OP_TIMER_CANCELLED,
  OP_CALLER,
  OP_DEMONITOR,
  OP_FAIL_CHILD
};

struct probe {
  ErlDrvPort port;
  ErlDrvMonitor monitor;
  int pipe_in;
  int draining;
  ErlDrvPort child;
};

static void tell(struct probe* probe, char* word) {
  ErlDrvTermData term[] = {ERL_DRV_ATOM,         driver_mk_atom("probe"), ERL_DRV_ATOM,
                           driver_mk_atom(word), ERL_DRV_TUPLE,           2};
  erl_drv_output_term(driver_mk_port(probe->port), term, 6);
}

static ErlDrvData start(ErlDrvPort port, char* command) {
  struct probe* probe;
  if (strstr(command, " general")) return ERL_DRV_ERROR_GENERAL;
  if (strstr(command, " errno")) {
    errno = ENOTTY;
    return ERL_DRV_ERROR_ERRNO;
  }
  if (strstr(command, " badarg")) return ERL_DRV_ERROR_BADARG;
  if (strstr(command, " fail")) {
    driver_failure_atom(port, "early");
    return (ErlDrvData)0;
  }
  probe = driver_alloc(sizeof(*probe));
  memset(probe, 0, sizeof(*probe));
  probe->port = port;
  probe->pipe_in = -1;
  if (strstr(command, " output")) driver_output(port, "from start", 10);
  return (ErlDrvData)probe;
}

static void stop(ErlDrvData data) {
  struct probe* probe = (struct probe*)data;
  if (probe->pipe_in >= 0) {
    driver_select(probe->port, (ErlDrvEvent)(size_t)probe->pipe_in, ERL_DRV_READ | ERL_DRV_USE, 0);
  }
  driver_free(probe);
}

static void stop_select(ErlDrvEvent event, void* reserved) {
  (void)reserved;
  close((int)(size_t)event);
}

static void open_pipe(struct probe* probe) {
  int ends[2];
  if (pipe(ends) != 0) return;
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  if (write(ends[1], "piped", 5) != 5) abort();
  close(ends[1]);
  probe->pipe_in = ends[0];
  driver_select(probe->port, (ErlDrvEvent)(size_t)ends[0], ERL_DRV_READ | ERL_DRV_USE, 1);
}

static void ready_input(ErlDrvData data, ErlDrvEvent event) {
  struct probe* probe = (struct probe*)data;
  char bytes[16];
  ssize_t got = read((int)(size_t)event, bytes, sizeof(bytes));
  if (got > 0) {
    driver_output(probe->port, bytes, (ErlDrvSizeT)got);
  } else if (got == 0) {
    driver_select(probe->port, event, ERL_DRV_READ | ERL_DRV_USE, 0);
    probe->pipe_in = -1;
    tell(probe, "pipe_closed");
  }
}

static void timeout(ErlDrvData data) {
  struct probe* probe = (struct probe*)data;
  if (probe->draining) {
    driver_deq(probe->port, driver_sizeq(probe->port));
  } else {
    tell(probe, "timeout");
  }
}

static void flush(ErlDrvData data) {
  struct probe* probe = (struct probe*)data;
  probe->draining = 1;
  driver_set_timer(probe->port, 20);
}

static void work(void* job) { *(int*)job += 1; }

static void ready_async(ErlDrvData data, ErlDrvThreadData job) {
  tell((struct probe*)data, *(int*)job == 42 ? "async_done" : "async_wrong");
  free(job);
}

static void process_exit(ErlDrvData data, ErlDrvMonitor* monitor) {
  struct probe* probe = (struct probe*)data;
  tell(probe,
       driver_compare_monitors(monitor, &probe->monitor) == 0 ? "monitored_exit" : "wrong_monitor");
}

static void send_term(struct probe* probe) {
  ErlDrvSInt64 number = -9;
  double real = 0.5;
  ErlDrvTermData term[] = {ERL_DRV_ATOM,
                           driver_mk_atom("t"),
                           ERL_DRV_INT64,
                           (ErlDrvTermData)&number,
                           ERL_DRV_FLOAT,
                           (ErlDrvTermData)&real,
                           ERL_DRV_STRING,
                           (ErlDrvTermData) "str",
                           3,
                           ERL_DRV_BUF2BINARY,
                           (ErlDrvTermData) "bin",
                           3,
                           ERL_DRV_NIL,
                           ERL_DRV_LIST,
                           1,
                           ERL_DRV_PORT,
                           driver_mk_port(probe->port),
                           ERL_DRV_TUPLE,
                           7};
  erl_drv_output_term(driver_mk_port(probe->port), term, sizeof(term) / sizeof(term[0]));
}

static void start_async(struct probe* probe) {
  int* job = malloc(sizeof(int));
  *job = 41;
  driver_async(probe->port, NULL, work, job, free);
}

static ErlDrvSSizeT reply_binary(struct probe* probe, char** reply) {
  ErlDrvBinary* binary = driver_alloc_binary(100);
  memset(binary->orig_bytes, 'b', 100);
  set_port_control_flags(probe->port, PORT_CONTROL_FLAG_BINARY);
  *reply = (char*)binary;
  return 1; /* not what counts: the binary's own size does */
}

static ErlDrvPort create_child(struct probe* probe) {
  struct probe* child = driver_alloc(sizeof(*child));
  memset(child, 0, sizeof(*child));
  child->pipe_in = -1;
  child->port =
      driver_create_port(probe->port, driver_connected(probe->port), "a child", (ErlDrvData)child);
  return child->port;
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int op, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT reply_size) {
  struct probe* probe = (struct probe*)data;
  (void)reply_size;
  switch (op) {
    case OP_FAIL_ATOM:
      driver_failure_atom(probe->port, "foo");
      break;
    case OP_FAIL_POSIX:
      driver_failure_posix(probe->port, EPIPE);
      break;
    case OP_FAIL_17:
      driver_failure(probe->port, 17);
      break;
    case OP_FAIL_0:
      driver_failure(probe->port, 0);
      break;
    case OP_EXIT:
      driver_exit(probe->port, 0);
      break;
    case OP_EOF:
      driver_failure_eof(probe->port);
      break;
    case OP_TIMER:
      driver_set_timer(probe->port, 5);
      break;
    case OP_TIMER_CANCELLED:
      driver_set_timer(probe->port, 5);
      driver_cancel_timer(probe->port);
      break;
    case OP_BUSY:
      set_busy_port(probe->port, 1);
      break;
    case OP_IDLE:
      set_busy_port(probe->port, 0);
      break;
    case OP_ASYNC:
      start_async(probe);
      break;
    case OP_MONITOR_CALLER:
      driver_monitor_process(probe->port, driver_caller(probe->port), &probe->monitor);
      break;
    case OP_DEMONITOR:
      driver_demonitor_process(probe->port, &probe->monitor);
      break;
    case OP_FAIL_CHILD:
      driver_failure_atom(probe->child, "orphaned");
      break;
    case OP_ENQUEUE:
      driver_enq(probe->port, bytes, size);
      break;
    case OP_TERM:
      send_term(probe);
      break;
    case OP_PIPE:
      open_pipe(probe);
      break;
    case OP_CREATE_PORT:
      probe->child = create_child(probe);
      break;
    case OP_REPLY_BINARY:
      return reply_binary(probe, reply);
    case OP_CALLER:
      (*reply)[0] = driver_caller(probe->port) == driver_connected(probe->port) ? 'y' : 'n';
      return 1;
    default:
      return -1;
  }
  return 0;
}

static char driver_name[] = PROBE_NAME;
static ErlDrvEntry entry = {.start = start,
                            .stop = stop,
                            .ready_input = ready_input,
                            .driver_name = driver_name,
                            .control = control,
                            .timeout = timeout,
                            .ready_async = ready_async,
                            .flush = flush,
                            .extended_marker = (int)ERL_DRV_EXTENDED_MARKER,
                            .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
                            .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
                            .driver_flags = PROBE_FLAGS,
                            .process_exit = process_exit,
                            .stop_select = stop_select};

DRIVER_INIT(probe_drv) { return &entry; }
