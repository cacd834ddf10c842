/* Drivers, ports of a driver's own making, async work. */
#include <stdio.h>
#include <string.h>

#include "probes.h"

static ErlDrvData start(ErlDrvPort port, char* command) {
  (void)command;
  return (ErlDrvData)port;
}
static int fails(void) { return -1; }

static ErlDrvEntry brought = {
    .start = start,
    .driver_name = "brought_drv",
    .extended_marker = (int)ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
};
static ErlDrvEntry failing = {.init = fails, .driver_name = "failing_drv"};
static ErlDrvEntry copy = {.driver_name = "brought_drv"};

/* Twice: remove says how often it was there. None may stay: the library goes, and OTP would still
 * look at the entry's name. */
static void add_entry(struct probe_port* probe) {
  add_driver_entry(&brought);
  add_driver_entry(&brought);
  add_driver_entry(&failing);
  see(probe, "%d %d", remove_driver_entry(&failing), remove_driver_entry(&brought));
  see(probe, " %d %d", remove_driver_entry(&brought), remove_driver_entry(&brought));
}

static void remove_entry(struct probe_port* probe) {
  see(probe, "%d", remove_driver_entry(&brought));
  add_driver_entry(&brought);
  see(probe, " %d %d", remove_driver_entry(&brought), remove_driver_entry(&brought));
  add_driver_entry(&brought);
  see(probe, " %d %d", remove_driver_entry(&copy), remove_driver_entry(probe->entry));
  see(probe, " %d", remove_driver_entry(&brought));
}

/* Makes the driver permanent: the last probe to run. */
static void lock_driver(struct probe_port* probe) {
  see(probe, "%d %d", driver_lock_driver((ErlDrvPort)-1), driver_lock_driver(probe->port));
  see(probe, " %d", driver_lock_driver(probe->port));
}

static void system_info(struct probe_port* probe) {
  ErlDrvSysInfo info;
  memset(&info, 0x55, sizeof(info));
  driver_system_info(&info, sizeof(info));
  see(probe, "%d.%d", info.driver_major_version, info.driver_minor_version);
  see(probe, " otp %s erts %s", info.otp_release, info.erts_version);
  see(probe, " %d %d", info.thread_support, info.smp_support);
  see(probe, " %d %d", info.async_threads > 0, info.scheduler_threads > 0);
  see(probe, " nif %d.%d", info.nif_major_version, info.nif_minor_version);
  see(probe, " %d", info.dirty_scheduler_support);
  memset(&info, 0x55, sizeof(info));
  driver_system_info(&info, 32); /* an old driver's */
  see(probe, " %d %d", info.smp_support, info.async_threads == 0x55555555);
}

static void null(struct probe_port* probe) { see(probe, "%d", null_func()); }

static void create_port(struct probe_port* probe) {
  static struct probe_port child;
  const ErlDrvTermData owner = driver_connected(probe->port);
  see(probe, "%d", driver_create_port((ErlDrvPort)-1, owner, "none", NULL) == (ErlDrvPort)-1);
  see(probe, " %d",
      driver_create_port(probe->port, driver_term_nil, "none", NULL) == (ErlDrvPort)-1);
  child = *probe;
  child.port = driver_create_port(probe->port, owner, "a child", (ErlDrvData)&child);
  see(probe, " %d", child.port != (ErlDrvPort)-1);
  see(probe, " %d", driver_connected(child.port) == owner);
  see(probe, " %d", driver_mk_port(child.port) != driver_mk_port(probe->port));
  see(probe, " %d", get_port_flags(child.port));
  see(probe, " %d", driver_output(child.port, "born", 4));
  driver_set_timer(child.port, 1); /* its timeout tells */
  see(probe, " %d", driver_failure_atom(driver_create_port(probe->port, owner, "b", NULL), "dead"));
}

static void async_port_key(struct probe_port* probe) {
  static struct probe_port child;
  child = *probe;
  child.port =
      driver_create_port(probe->port, driver_connected(probe->port), "a child", (ErlDrvData)&child);
  see(probe, "%d", driver_async_port_key(probe->port) == driver_async_port_key(probe->port));
  see(probe, " %d", driver_async_port_key(probe->port) != driver_async_port_key(child.port));
  see(probe, " %u", driver_async_port_key((ErlDrvPort)-1));
  driver_failure_eof(child.port);
}

static char order[16]; /* in which jobs ran */
static size_t ran;

static void work(void* data) {
  if (ran + 1 < sizeof(order)) order[ran++] = (char)(size_t)data;
}

void async_ready(struct probe_port* probe, ErlDrvThreadData data) {
  if ((char)(size_t)data == 'e') tell(probe, order);
}

static void async(struct probe_port* probe) {
  unsigned key = 1000000;
  size_t job;
  memset(order, 0, sizeof(order));
  ran = 0;
  for (job = 'a'; job <= 'e'; ++job) {
    see(probe, "%d ", driver_async(probe->port, &key, work, (void*)job, NULL) > 0);
  }
  see(probe, "%d", key < 1024);
  see(probe, " %d", (int)driver_async((ErlDrvPort)-1, NULL, work, NULL, NULL));
}

static void set_os_pid(struct probe_port* probe) {
  erl_drv_set_os_pid(probe->port, 4711);
  see(probe, "set");
}

/* What is seen is that the port of the driver with the flag opened at all. */
static void init_ack(struct probe_port* probe) {
  erl_drv_init_ack((ErlDrvPort)-1, NULL);
  erl_drv_init_ack(probe->port, ERL_DRV_ERROR_GENERAL); /* of a port that is open: ignored */
  see(probe, "%d", driver_sizeq(probe->port) == 0);
}

const struct probe registry_probes[] = {{"add_driver_entry", 0, add_entry},
                                        {"remove_driver_entry", 0, remove_entry},
                                        {"driver_lock_driver", 0, lock_driver},
                                        {"driver_system_info", 0, system_info},
                                        {"null_func", 0, null},
                                        {"driver_create_port", 3, create_port},
                                        {"driver_async_port_key", 0, async_port_key},
                                        {"driver_async", 1, async},
                                        {"erl_drv_set_os_pid", 0, set_os_pid},
                                        {"erl_drv_init_ack", 0, init_ack},
                                        {NULL, 0, NULL}};
