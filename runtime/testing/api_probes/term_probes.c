/* Words to build terms from, and failures. */
#include <errno.h>

#include "probes.h"

static void mk_atom(struct probe_port* probe) {
  ErlDrvTermData term[] = {ERL_DRV_ATOM, driver_mk_atom("\345tom")};
  see(probe, "%d %d", driver_mk_atom("abc") == driver_mk_atom("abc"),
      driver_mk_atom("abc") == driver_mk_atom("abd"));
  erl_drv_output_term(driver_mk_port(probe->port), term, 2);
}

static void mk_port(struct probe_port* probe) {
  ErlDrvTermData term[] = {ERL_DRV_PORT, driver_mk_port(probe->port)};
  see(probe, "%d", driver_mk_port((ErlDrvPort)-1) == driver_term_nil);
  driver_output_term(probe->port, term, 2);
}

static void connected(struct probe_port* probe) {
  ErlDrvTermData term[] = {ERL_DRV_PID, driver_connected(probe->port)};
  see(probe, "%d", driver_connected((ErlDrvPort)-1) == driver_term_nil);
  driver_output_term(probe->port, term, 2);
}

static void caller(struct probe_port* probe) {
  see(probe, "%d", driver_caller(probe->port) == driver_connected(probe->port));
  see(probe, " %d", driver_caller((ErlDrvPort)-1) == driver_term_nil);
}

static void mk_term_nil(struct probe_port* probe) {
  see(probe, "%lx %lx", (unsigned long)driver_mk_term_nil(), (unsigned long)driver_term_nil);
}

const struct probe term_probes[] = {{"driver_mk_atom", 1, mk_atom},
                                    {"driver_mk_port", 1, mk_port},
                                    {"driver_connected", 1, connected},
                                    {"driver_caller", 0, caller},
                                    {"driver_mk_term_nil", 0, mk_term_nil},
                                    {"driver_term_nil", 0, mk_term_nil},
                                    {NULL, 0, NULL}};

/* After its failure the port is gone for the driver, before the function returns. */
static void gone(struct probe_port* probe, int result) {
  see(probe, "%d %d %d", result, driver_mk_port(probe->port) == driver_term_nil,
      driver_caller(probe->port) == driver_term_nil);
  see(probe, " %d", driver_failure_eof((ErlDrvPort)-1));
}

static void failure(struct probe_port* probe) { gone(probe, driver_failure(probe->port, 17)); }
static void failure_atom(struct probe_port* probe) {
  driver_enq(probe->port, "queued", 6);
  gone(probe, driver_failure_atom(probe->port, "sudden"));
}
static void failure_posix(struct probe_port* probe) {
  gone(probe, driver_failure_posix(probe->port, EPIPE));
}
static void failure_eof(struct probe_port* probe) { gone(probe, driver_failure_eof(probe->port)); }
static void leave(struct probe_port* probe) { gone(probe, driver_exit(probe->port, ENOENT)); }

const struct probe failure_probes[] = {{"driver_failure", 1, failure},
                                       {"driver_failure_atom", 1, failure_atom},
                                       {"driver_failure_posix", 1, failure_posix},
                                       {"driver_failure_eof", 1, failure_eof},
                                       {"driver_exit", 0, leave},
                                       {NULL, 0, NULL}};
