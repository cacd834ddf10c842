/* Port data locks and process monitors. */
#include <string.h>

#include "probes.h"

static int count_of(ErlDrvPDL lock) { return (int)driver_pdl_get_refc(lock); }

static void pdl(struct probe_port* probe) {
  ErlDrvPDL lock = driver_pdl_create(probe->port);
  see(probe, "%d %d", lock != NULL, driver_pdl_create(probe->port) == NULL);
  see(probe, " %d", driver_pdl_create((ErlDrvPort)-1) == NULL);
  see(probe, " %d", count_of(lock));
  driver_pdl_lock(lock);
  see(probe, " %d", count_of(lock));
  driver_enq(probe->port, "ab", 2);
  driver_pdl_unlock(lock);
  see(probe, " %d", count_of(lock));
  see(probe, " %d", (int)driver_pdl_inc_refc(lock));
  see(probe, " %d", (int)driver_pdl_dec_refc(lock));
  driver_deq(probe->port, 2);
}

const struct probe lock_probes[] = {{"driver_pdl_create", 0, pdl},
                                    {"driver_pdl_lock", 0, pdl},
                                    {"driver_pdl_unlock", 0, pdl},
                                    {"driver_pdl_get_refc", 0, pdl},
                                    {"driver_pdl_inc_refc", 0, pdl},
                                    {"driver_pdl_dec_refc", 0, pdl},
                                    {NULL, 0, NULL}};

static void monitor_process(struct probe_port* probe) {
  see(probe, "%d",
      driver_monitor_process(probe->port, driver_caller(probe->port), &probe->monitor));
  see(probe, " %d",
      driver_monitor_process((ErlDrvPort)-1, driver_caller(probe->port), &probe->monitor));
}

static void demonitor_process(struct probe_port* probe) {
  ErlDrvMonitor unknown;
  memset(&unknown, 0, sizeof(unknown));
  driver_monitor_process(probe->port, driver_caller(probe->port), &probe->monitor);
  see(probe, "%d", driver_demonitor_process(probe->port, &probe->monitor));
  see(probe, " %d", driver_demonitor_process(probe->port, &probe->monitor));
  see(probe, " %d", driver_demonitor_process((ErlDrvPort)-1, &probe->monitor));
}

static void get_monitored_process(struct probe_port* probe) {
  driver_monitor_process(probe->port, driver_caller(probe->port), &probe->monitor);
  see(probe, "%d",
      driver_get_monitored_process(probe->port, &probe->monitor) == driver_caller(probe->port));
  driver_demonitor_process(probe->port, &probe->monitor);
  see(probe, " %d", driver_get_monitored_process(probe->port, &probe->monitor) == driver_term_nil);
}

static void compare_monitors(struct probe_port* probe) {
  ErlDrvMonitor other;
  driver_monitor_process(probe->port, driver_caller(probe->port), &probe->monitor);
  driver_monitor_process(probe->port, driver_caller(probe->port), &other);
  see(probe, "%d %d", driver_compare_monitors(&other, &other) == 0,
      driver_compare_monitors(&other, &probe->monitor) == 0);
  see(probe, " %d",
      (driver_compare_monitors(&other, &probe->monitor) < 0) !=
          (driver_compare_monitors(&probe->monitor, &other) < 0));
}

const struct probe monitor_probes[] = {{"driver_monitor_process", 0, monitor_process},
                                       {"driver_demonitor_process", 0, demonitor_process},
                                       {"driver_get_monitored_process", 0, get_monitored_process},
                                       {"driver_compare_monitors", 0, compare_monitors},
                                       {NULL, 0, NULL}};
