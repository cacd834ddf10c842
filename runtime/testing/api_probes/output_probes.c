/* Bytes and terms to processes. */
#include <string.h>

#include "probes.h"

static void output(struct probe_port* probe) {
  see(probe, "%d", driver_output(probe->port, "ab", 2));
}

static void output2(struct probe_port* probe) {
  see(probe, "%d", driver_output2(probe->port, "hd", 2, "ab", 2));
  see(probe, " %d", driver_output2(probe->port, NULL, 0, NULL, 0));
}

static void output_binary(struct probe_port* probe) {
  ErlDrvBinary* binary = driver_alloc_binary(100);
  memset(binary->orig_bytes, 'b', 100);
  see(probe, "%d", driver_output_binary(probe->port, "hd", 2, binary, 1, 5));
  driver_free_binary(binary);
}

static void vector_of(ErlIOVec* vector, SysIOVec iov[3], ErlDrvBinary* binaries[3]) {
  iov[0].iov_base = NULL, iov[0].iov_len = 0;
  iov[1].iov_base = "abc", iov[1].iov_len = 3;
  iov[2].iov_base = "defg", iov[2].iov_len = 4;
  binaries[0] = binaries[1] = binaries[2] = NULL;
  vector->vsize = 3;
  vector->size = 7;
  vector->iov = iov;
  vector->binv = binaries;
}

static void outputv(struct probe_port* probe) {
  ErlIOVec vector;
  SysIOVec iov[3];
  ErlDrvBinary* binaries[3];
  vector_of(&vector, iov, binaries);
  see(probe, "%d", driver_outputv(probe->port, "hd", 2, &vector, 1));
  see(probe, " %d", driver_outputv(probe->port, "hd", 2, &vector, 100));
}

static void vec_to_buf(struct probe_port* probe) {
  ErlIOVec vector;
  SysIOVec iov[3];
  ErlDrvBinary* binaries[3];
  char bytes[16] = "";
  vector_of(&vector, iov, binaries);
  see(probe, "%d", (int)driver_vec_to_buf(&vector, bytes, 10));
  see(probe, " %d", (int)driver_vec_to_buf(&vector, bytes, 5));
  see(probe, " %d %s", (int)driver_vec_to_buf(&vector, bytes, 0), bytes);
}

/* Good and bad programs through one of the four functions. */
typedef int sender(struct probe_port*, ErlDrvTermData*, int);

static void good_program(struct probe_port* probe, sender* send) {
  static ErlDrvSInt64 negative = -9000000000LL;
  static ErlDrvUInt64 positive = 18000000000000000000ULL;
  static double real = 0.5;
  ErlDrvBinary* binary = driver_alloc_binary(100);
  ErlDrvTermData ok = driver_mk_atom("ok");
  ErlDrvTermData all[] = {ERL_DRV_NIL,
                          ERL_DRV_ATOM,
                          ok,
                          ERL_DRV_INT,
                          (ErlDrvTermData)-3,
                          ERL_DRV_UINT,
                          7,
                          ERL_DRV_PORT,
                          driver_mk_port(probe->port),
                          ERL_DRV_PID,
                          driver_connected(probe->port),
                          ERL_DRV_BINARY,
                          (ErlDrvTermData)binary,
                          70,
                          2,
                          ERL_DRV_STRING,
                          (ErlDrvTermData) "str",
                          3,
                          ERL_DRV_NIL,
                          ERL_DRV_STRING_CONS,
                          (ErlDrvTermData) "ing",
                          3,
                          ERL_DRV_FLOAT,
                          (ErlDrvTermData)&real,
                          ERL_DRV_EXT2TERM,
                          (ErlDrvTermData) "\203a\005",
                          3,
                          ERL_DRV_BUF2BINARY,
                          (ErlDrvTermData) "buf",
                          3,
                          ERL_DRV_INT64,
                          (ErlDrvTermData)&negative,
                          ERL_DRV_UINT64,
                          (ErlDrvTermData)&positive,
                          ERL_DRV_ATOM,
                          ok,
                          ERL_DRV_INT,
                          1,
                          ERL_DRV_MAP,
                          1,
                          ERL_DRV_TUPLE,
                          0,
                          ERL_DRV_INT,
                          1,
                          ERL_DRV_INT,
                          2,
                          ERL_DRV_LIST,
                          2,
                          ERL_DRV_TUPLE,
                          17};
  memset(binary->orig_bytes, 'b', 100);
  see(probe, "%d", send(probe, all, sizeof(all) / sizeof(all[0])));
  driver_free_binary(binary);
}

static void programs(struct probe_port* probe, sender* send) {
  ErlDrvTermData ok = driver_mk_atom("ok");
  ErlDrvTermData two[] = {ERL_DRV_ATOM, ok, ERL_DRV_ATOM, ok};
  ErlDrvTermData under[] = {ERL_DRV_ATOM, ok, ERL_DRV_TUPLE, 2};
  ErlDrvTermData tag[] = {99, 1};
  ErlDrvTermData cut[] = {ERL_DRV_ATOM};
  ErlDrvTermData twice[] = {ERL_DRV_ATOM, ok,          ERL_DRV_INT, 1,           ERL_DRV_ATOM,
                            ok,           ERL_DRV_INT, 2,           ERL_DRV_MAP, 2};
  ErlDrvTermData list[] = {ERL_DRV_NIL, ERL_DRV_LIST, 0};
  ErlDrvTermData atom[] = {ERL_DRV_ATOM, driver_mk_port(probe->port)};
  ErlDrvTermData external[] = {ERL_DRV_EXT2TERM, (ErlDrvTermData) "\203\001", 2};
  good_program(probe, send);
  see(probe, " %d %d %d", send(probe, two, 4), send(probe, under, 4), send(probe, tag, 2));
  see(probe, " %d %d %d", send(probe, cut, 1), send(probe, twice, 10), send(probe, list, 3));
  see(probe, " %d %d %d", send(probe, atom, 2), send(probe, external, 3), send(probe, two, 0));
}

static int by_port_term(struct probe_port* probe, ErlDrvTermData* data, int len) {
  return erl_drv_output_term(driver_mk_port(probe->port), data, len);
}
static int by_port_term_to(struct probe_port* probe, ErlDrvTermData* data, int len) {
  return erl_drv_send_term(driver_mk_port(probe->port), driver_caller(probe->port), data, len);
}
static int by_handle(struct probe_port* probe, ErlDrvTermData* data, int len) {
  return driver_output_term(probe->port, data, len);
}
static int by_handle_to(struct probe_port* probe, ErlDrvTermData* data, int len) {
  return driver_send_term(probe->port, driver_caller(probe->port), data, len);
}

static void erl_output_term(struct probe_port* probe) {
  ErlDrvTermData term[] = {ERL_DRV_NIL};
  programs(probe, by_port_term);
  see(probe, " %d", erl_drv_output_term(driver_term_nil, term, 1));
}
static void erl_send_term(struct probe_port* probe) {
  ErlDrvTermData term[] = {ERL_DRV_NIL};
  programs(probe, by_port_term_to);
  see(probe, " %d", erl_drv_send_term(driver_mk_port(probe->port), driver_term_nil, term, 1));
}
static void output_term(struct probe_port* probe) { programs(probe, by_handle); }
static void send_term(struct probe_port* probe) { programs(probe, by_handle_to); }

const struct probe output_probes[] = {{"driver_output", 1, output},
                                      {"driver_output2", 2, output2},
                                      {"driver_output_binary", 1, output_binary},
                                      {"driver_outputv", 2, outputv},
                                      {"driver_vec_to_buf", 0, vec_to_buf},
                                      {"driver_output_term", 1, output_term},
                                      {"driver_send_term", 1, send_term},
                                      {"erl_drv_output_term", 1, erl_output_term},
                                      {"erl_drv_send_term", 1, erl_send_term},
                                      {NULL, 0, NULL}};
