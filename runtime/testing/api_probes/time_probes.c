/* Timers and clocks. */
#include <stdlib.h>
#include <time.h>

#include "probes.h"

static void set_timer(struct probe_port* probe) {
  see(probe, "%d", driver_set_timer(probe->port, 100000));
  see(probe, " %d", driver_set_timer(probe->port, 0)); /* replaces it */
  see(probe, " %d", driver_set_timer((ErlDrvPort)-1, 1));
}

static void cancel_timer(struct probe_port* probe) {
  driver_set_timer(probe->port, 1);
  see(probe, "%d", driver_cancel_timer(probe->port));
  see(probe, " %d %d", driver_cancel_timer(probe->port), driver_cancel_timer((ErlDrvPort)-1));
}

static void read_timer(struct probe_port* probe) {
  unsigned long left = 77;
  see(probe, "%d %lu", driver_read_timer(probe->port, &left), left);
  driver_set_timer(probe->port, 100000);
  see(probe, " %d", driver_read_timer(probe->port, &left));
  see(probe, " %d", left > 90000 && left <= 100000);
  driver_cancel_timer(probe->port);
  see(probe, " %d %lu", driver_read_timer(probe->port, &left), left);
  see(probe, " %d", driver_read_timer((ErlDrvPort)-1, &left));
}

static void get_now(struct probe_port* probe) {
  ErlDrvNowData first, second;
  see(probe, "%d %d", driver_get_now(&first), driver_get_now(&second));
  see(probe, " %d", labs((long)(first.megasecs * 1000000 + first.secs) - (long)time(NULL)) < 5);
  see(probe, " %d", second.microsecs < 1000000);
  see(probe, " %d", driver_get_now(NULL));
}

static void monotonic_time(struct probe_port* probe) {
  const ErlDrvTime first = erl_drv_monotonic_time(ERL_DRV_NSEC);
  const ErlDrvTime milli = erl_drv_monotonic_time(ERL_DRV_MSEC);
  see(probe, "%d", erl_drv_monotonic_time(ERL_DRV_NSEC) >= first);
  see(probe, " %d", llabs((long long)(first / 1000000 - milli)) < 5000);
  see(probe, " %d", erl_drv_monotonic_time((ErlDrvTimeUnit)9) == ERL_DRV_TIME_ERROR);
}

static void time_offset(struct probe_port* probe) {
  const ErlDrvTime system = erl_drv_monotonic_time(ERL_DRV_SEC) + erl_drv_time_offset(ERL_DRV_SEC);
  see(probe, "%d", llabs((long long)system - (long long)time(NULL)) < 5);
  see(probe, " %d", erl_drv_time_offset((ErlDrvTimeUnit)9) == ERL_DRV_TIME_ERROR);
}

static void convert_time_unit(struct probe_port* probe) {
  see(probe, "%lld", (long long)erl_drv_convert_time_unit(-1500, ERL_DRV_MSEC, ERL_DRV_SEC));
  see(probe, " %lld", (long long)erl_drv_convert_time_unit(1999, ERL_DRV_MSEC, ERL_DRV_SEC));
  see(probe, " %lld", (long long)erl_drv_convert_time_unit(3, ERL_DRV_SEC, ERL_DRV_NSEC));
  see(probe, " %lld", (long long)erl_drv_convert_time_unit(-7, ERL_DRV_NSEC, ERL_DRV_USEC));
  see(probe, " %d",
      erl_drv_convert_time_unit(1, (ErlDrvTimeUnit)9, ERL_DRV_SEC) == ERL_DRV_TIME_ERROR);
  see(probe, " %d",
      erl_drv_convert_time_unit(1, ERL_DRV_SEC, (ErlDrvTimeUnit)-1) == ERL_DRV_TIME_ERROR);
}

static void consume_timeslice(struct probe_port* probe) {
  see(probe, "%d", erl_drv_consume_timeslice(probe->port, 1));
  see(probe, " %d", erl_drv_consume_timeslice(probe->port, -5));  /* as 1 */
  see(probe, " %d", erl_drv_consume_timeslice(probe->port, 200)); /* as 100 */
  see(probe, " %d", erl_drv_consume_timeslice(probe->port, 1));
  see(probe, " %d", erl_drv_consume_timeslice((ErlDrvPort)-1, 1));
}

const struct probe time_probes[] = {{"driver_set_timer", 1, set_timer},
                                    {"driver_cancel_timer", 0, cancel_timer},
                                    {"driver_read_timer", 0, read_timer},
                                    {"driver_get_now", 0, get_now},
                                    {"erl_drv_monotonic_time", 0, monotonic_time},
                                    {"erl_drv_time_offset", 0, time_offset},
                                    {"erl_drv_convert_time_unit", 0, convert_time_unit},
                                    {"erl_drv_consume_timeslice", 0, consume_timeslice},
                                    {NULL, 0, NULL}};
