#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probes.h"

enum { OP_RUN = 1, OP_MESSAGES = 2, ROOM = 4096 };

static const struct probe* const sections[] = {
    output_probes,   term_probes,    failure_probes, time_probes,      select_probes,
    queue_probes,    lock_probes,    monitor_probes, attribute_probes, binary_probes,
    registry_probes, library_probes, thread_probes,  mutex_probes};

void see(struct probe_port* probe, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  probe->used +=
      vsnprintf(probe->text + probe->used, (size_t)(ROOM - probe->used), format, arguments);
  va_end(arguments);
}

void tell(struct probe_port* probe, const char* word) {
  ErlDrvTermData term[] = {ERL_DRV_ATOM,
                           driver_mk_atom("probe"),
                           ERL_DRV_STRING,
                           (ErlDrvTermData)word,
                           strlen(word),
                           ERL_DRV_TUPLE,
                           2};
  erl_drv_output_term(driver_mk_port(probe->port), term, sizeof(term) / sizeof(term[0]));
}

static ErlDrvEntry entry;

static ErlDrvData start(ErlDrvPort port, char* command) {
  struct probe_port* probe = driver_alloc(sizeof(*probe));
  (void)command;
  memset(probe, 0, sizeof(*probe));
  probe->port = port;
  probe->entry = &entry;
  probe->running = "";
  probe->fds[0] = probe->fds[1] = -1;
#if defined(INIT_ACK)
  driver_set_timer(port, 1);
#endif
  return (ErlDrvData)probe;
}

/* Leaks by intention: a probe that fails its port still writes what it saw. */
static void stop(ErlDrvData data) { (void)data; }

static ErlDrvSSizeT as_binary(struct probe_port* probe, char** reply) {
  ErlDrvBinary* whole = driver_alloc_binary((ErlDrvSizeT)probe->used);
  memcpy(whole->orig_bytes, probe->text, (size_t)probe->used);
  driver_free(probe->text);
  *reply = (char*)whole;
  return probe->used;
}

static const struct probe* find(const char* name, ErlDrvSizeT length) {
  size_t i;
  for (i = 0; i < sizeof(sections) / sizeof(sections[0]); ++i) {
    const struct probe* probe;
    for (probe = sections[i]; probe->name != NULL; ++probe) {
      if (strlen(probe->name) == length && memcmp(probe->name, name, length) == 0) return probe;
    }
  }
  return NULL;
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT reply_size) {
  struct probe_port* port = (struct probe_port*)data;
  const struct probe* probe = find(bytes, size);
  (void)reply_size;
  if (probe == NULL) return -1;
  if (operation == OP_MESSAGES) {
    (*reply)[0] = (char)probe->messages;
    return 1;
  }
  *reply = port->text = driver_alloc(ROOM);
  port->used = 0;
  port->running = probe->name;
  probe->run(port);
  return port->as_binary ? as_binary(port, reply) : port->used;
}

static void timeout(ErlDrvData data) {
  struct probe_port* probe = (struct probe_port*)data;
#if defined(INIT_ACK)
  if (probe->running[0] == '\0') {
    erl_drv_init_ack(probe->port, data);
    return;
  }
#endif
  tell(probe, "timeout");
}

static void ready_input(ErlDrvData data, ErlDrvEvent event) {
  select_ready((struct probe_port*)data, event, "input");
}

static void ready_output(ErlDrvData data, ErlDrvEvent event) {
  select_ready((struct probe_port*)data, event, "output");
}

static void ready_async(ErlDrvData data, ErlDrvThreadData job) {
  async_ready((struct probe_port*)data, job);
}

static void process_exit(ErlDrvData data, ErlDrvMonitor* monitor) {
  struct probe_port* probe = (struct probe_port*)data;
  tell(probe, driver_compare_monitors(monitor, &probe->monitor) == 0 ? "exit" : "another");
}

static void stop_select(ErlDrvEvent event, void* reserved) {
  (void)reserved;
  select_stopped(event);
}

static ErlDrvEntry entry = {
    .start = start,
    .stop = stop,
#if defined(INIT_ACK)
    .driver_name = "api_probe_ack_drv",
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING | ERL_DRV_FLAG_USE_INIT_ACK,
#else
    .driver_name = "api_probe_drv",
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
#endif
    .ready_input = ready_input,
    .ready_output = ready_output,
    .control = control,
    .timeout = timeout,
    .ready_async = ready_async,
    .process_exit = process_exit,
    .stop_select = stop_select,
    .extended_marker = (int)ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
};

DRIVER_INIT(api_probe_drv) { return &entry; }
