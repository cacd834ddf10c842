/* A driver with one probe for each function of the driver API: run in real OTP and in portlab, both
 * must observe the same (stress/otp/api_probes_test.cc). control 1 with a function's name runs its
 * probe and answers what it observed; control 2 answers how many messages come of it.
 */
#ifndef PORTLAB_API_PROBES_H
#define PORTLAB_API_PROBES_H

#include <erl_driver.h>

struct probe_port {
  ErlDrvPort port;
  ErlDrvEntry* entry;  /* the driver's */
  const char* running; /* the probe that runs, for callbacks */
  ErlDrvMonitor monitor;
  int fds[2];
  int as_binary; /* what was observed is answered as a binary */
  char* text;    /* what was observed so far */
  int used;
};

struct probe {
  const char* name;
  int messages;
  void (*run)(struct probe_port*);
};

/* Adds to what was observed, as printf. */
void see(struct probe_port* probe, const char* format, ...);
/* {probe,Word} to the connected process. */
void tell(struct probe_port* probe, const char* word);

/* One table per section of the header; the last name is NULL. */
extern const struct probe output_probes[], term_probes[], failure_probes[], time_probes[],
    select_probes[], queue_probes[], lock_probes[], monitor_probes[], attribute_probes[],
    binary_probes[], registry_probes[], library_probes[], thread_probes[], mutex_probes[];

/* Their callbacks. */
void select_ready(struct probe_port* probe, ErlDrvEvent event, const char* which);
void select_stopped(ErlDrvEvent event);
void async_ready(struct probe_port* probe, ErlDrvThreadData data);

#endif
