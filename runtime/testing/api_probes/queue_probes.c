/* The driver queue. */
#include <string.h>

#include "probes.h"

static void contents(struct probe_port* probe) {
  int count = 0, i;
  SysIOVec* iov = driver_peekq(probe->port, &count);
  see(probe, " [");
  for (i = 0; i < count; ++i) see(probe, "%.*s|", (int)iov[i].iov_len, iov[i].iov_base);
  see(probe, "] %d", (int)driver_sizeq(probe->port));
}

static ErlDrvPort none(void) { return (ErlDrvPort)-1; }

static void enq(struct probe_port* probe) {
  see(probe, "%d", driver_enq(probe->port, "ab", 2));
  see(probe, " %d", driver_enq(probe->port, "c", 1));
  see(probe, " %d", driver_enq(probe->port, "", 0));
  contents(probe);
  see(probe, " %d", driver_enq(none(), "ab", 2));
}

static void pushq(struct probe_port* probe) {
  driver_enq(probe->port, "ab", 2);
  see(probe, "%d %d", driver_pushq(probe->port, "cd", 2), driver_pushq(none(), "ab", 2));
  contents(probe);
}

static void with_binary(struct probe_port* probe,
                        int (*add)(ErlDrvPort, ErlDrvBinary*, ErlDrvSizeT, ErlDrvSizeT)) {
  ErlDrvBinary* binary = driver_alloc_binary(10);
  memcpy(binary->orig_bytes, "0123456789", 10);
  driver_enq(probe->port, "ab", 2);
  see(probe, "%d %d", add(probe->port, binary, 2, 3), add(none(), binary, 2, 3));
  see(probe, " refc %d", (int)driver_binary_get_refc(binary));
  contents(probe);
  driver_deq(probe->port, driver_sizeq(probe->port));
  see(probe, " refc %d", (int)driver_binary_get_refc(binary));
  driver_free_binary(binary);
}
static void enq_bin(struct probe_port* probe) { with_binary(probe, driver_enq_bin); }
static void pushq_bin(struct probe_port* probe) { with_binary(probe, driver_pushq_bin); }

static void with_vector(struct probe_port* probe, int (*add)(ErlDrvPort, ErlIOVec*, ErlDrvSizeT)) {
  ErlDrvBinary* binary = driver_alloc_binary(10);
  SysIOVec iov[4] = {{NULL, 0}, {"abc", 3}, {NULL, 0}, {NULL, 4}};
  ErlDrvBinary* binaries[4] = {NULL, NULL, NULL, NULL};
  ErlIOVec vector;
  memset(&vector, 0, sizeof(vector));
  memcpy(binary->orig_bytes, "0123456789", 10);
  iov[3].iov_base = binary->orig_bytes + 3;
  binaries[3] = binary;
  vector.vsize = 4, vector.size = 7, vector.iov = iov, vector.binv = binaries;
  driver_enq(probe->port, "xy", 2);
  see(probe, "%d", add(probe->port, &vector, 1));
  contents(probe);
  see(probe, " refc %d", (int)driver_binary_get_refc(binary));
  see(probe, " %d %d", add(probe->port, &vector, 7), add(none(), &vector, 0));
  contents(probe);
  driver_deq(probe->port, driver_sizeq(probe->port));
  driver_free_binary(binary);
}
static void enqv(struct probe_port* probe) { with_vector(probe, driver_enqv); }
static void pushqv(struct probe_port* probe) { with_vector(probe, driver_pushqv); }

static void deq(struct probe_port* probe) {
  driver_enq(probe->port, "abcdef", 6);
  see(probe, "%d", (int)driver_deq(probe->port, 2));
  see(probe, " %d", (int)driver_deq(probe->port, 100)); /* more than there is: nothing goes */
  contents(probe);
  see(probe, " %d %d", (int)driver_deq(probe->port, 4), (int)driver_deq(none(), 1));
  contents(probe);
}

static void sizeq(struct probe_port* probe) {
  see(probe, "%d", (int)driver_sizeq(probe->port));
  driver_enq(probe->port, "abcdef", 6);
  see(probe, " %d %d", (int)driver_sizeq(probe->port), (int)driver_sizeq(none()));
}

static void peekq(struct probe_port* probe) {
  int count = 7;
  see(probe, "%d", driver_peekq(probe->port, &count) == NULL);
  see(probe, " %d", count);
  driver_enq(probe->port, "ab", 2);
  contents(probe);
  see(probe, " %d", driver_peekq(none(), &count) == NULL);
  see(probe, " %d", count);
}

static void peekqv(struct probe_port* probe) {
  ErlIOVec vector;
  memset(&vector, 0x55, sizeof(vector));
  see(probe, "%d", (int)driver_peekqv(probe->port, &vector));
  see(probe, " %d %d %d", vector.vsize, (int)vector.size, vector.iov == NULL);
  driver_enq(probe->port, "ab", 2);
  see(probe, " %d", (int)driver_peekqv(probe->port, &vector));
  see(probe, " %d %d %.2s", vector.vsize, (int)vector.size, vector.iov[0].iov_base);
  see(probe, " %d", (int)driver_peekqv(none(), &vector));
}

const struct probe queue_probes[] = {{"driver_enq", 0, enq},
                                     {"driver_pushq", 0, pushq},
                                     {"driver_enq_bin", 0, enq_bin},
                                     {"driver_pushq_bin", 0, pushq_bin},
                                     {"driver_enqv", 0, enqv},
                                     {"driver_pushqv", 0, pushqv},
                                     {"driver_deq", 0, deq},
                                     {"driver_sizeq", 0, sizeq},
                                     {"driver_peekq", 0, peekq},
                                     {"driver_peekqv", 0, peekqv},
                                     {NULL, 0, NULL}};
