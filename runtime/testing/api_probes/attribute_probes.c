/* Flow control and flags of a port, binaries, memory. */
#include <string.h>

#include "probes.h"

static void busy_port(struct probe_port* probe) {
  set_busy_port(probe->port, 1);
  set_busy_port(probe->port, 0);
  set_busy_port(probe->port, 1);
  see(probe, "busy"); /* as who sends a command afterwards sees */
}

static void limits(struct probe_port* probe, ErlDrvSizeT low, ErlDrvSizeT high) {
  erl_drv_busy_msgq_limits(probe->port, &low, &high);
  see(probe, " %ld/%ld", (long)low, (long)high);
}

static void busy_msgq_limits(struct probe_port* probe) {
  limits(probe, ERL_DRV_BUSY_MSGQ_READ_ONLY, ERL_DRV_BUSY_MSGQ_READ_ONLY);
  limits(probe, 100, 200);
  limits(probe, 500, 300);
  limits(probe, 400, ERL_DRV_BUSY_MSGQ_READ_ONLY);
  limits(probe, ERL_DRV_BUSY_MSGQ_READ_ONLY, 50);
  limits(probe, ERL_DRV_BUSY_MSGQ_LIM_MIN, ERL_DRV_BUSY_MSGQ_LIM_MAX);
  limits(probe, ERL_DRV_BUSY_MSGQ_DISABLED, 50);
  limits(probe, 10, 50);
  erl_drv_busy_msgq_limits(probe->port, NULL, NULL);
}

static void control_flags(struct probe_port* probe) {
  set_port_control_flags(probe->port, PORT_CONTROL_FLAG_BINARY | PORT_CONTROL_FLAG_HEAVY);
  probe->as_binary = 1;
  see(probe, "a binary");
}

static void port_flags(struct probe_port* probe) { see(probe, "%d", get_port_flags(probe->port)); }

const struct probe attribute_probes[] = {{"set_busy_port", 0, busy_port},
                                         {"erl_drv_busy_msgq_limits", 0, busy_msgq_limits},
                                         {"set_port_control_flags", 0, control_flags},
                                         {"get_port_flags", 0, port_flags},
                                         {NULL, 0, NULL}};

static void alloc_binary(struct probe_port* probe) {
  ErlDrvBinary* binary = driver_alloc_binary(10);
  ErlDrvBinary* empty = driver_alloc_binary(0);
  see(probe, "%d %d", (int)binary->orig_size, (int)driver_binary_get_refc(binary));
  see(probe, " %d %d", empty != NULL, (int)empty->orig_size);
  see(probe, " %d", (int)((size_t)binary->orig_bytes & 7));
  driver_free_binary(binary);
  driver_free_binary(empty);
}

static void realloc_binary(struct probe_port* probe) {
  ErlDrvBinary* binary = driver_realloc_binary(NULL, 10);
  memcpy(binary->orig_bytes, "0123456789", 10);
  binary = driver_realloc_binary(binary, 100000);
  see(probe, "%d %.10s", (int)binary->orig_size, binary->orig_bytes);
  binary = driver_realloc_binary(binary, 5);
  see(probe, " %d %.5s", (int)binary->orig_size, binary->orig_bytes);
  driver_free_binary(binary);
}

static void free_binary(struct probe_port* probe) {
  ErlDrvBinary* binary = driver_alloc_binary(10);
  driver_binary_inc_refc(binary);
  driver_free_binary(binary);
  see(probe, "%d", (int)driver_binary_get_refc(binary));
  driver_free_binary(binary);
  driver_free_binary(NULL);
}

static void refc(struct probe_port* probe) {
  ErlDrvBinary* binary = driver_alloc_binary(10);
  see(probe, "%d", (int)driver_binary_inc_refc(binary));
  see(probe, " %d", (int)driver_binary_get_refc(binary));
  see(probe, " %d", (int)driver_binary_dec_refc(binary));
  driver_free_binary(binary);
}

static void memory(struct probe_port* probe) {
  char* block = driver_alloc(10);
  char* empty = driver_alloc(0);
  memcpy(block, "012345678", 10);
  see(probe, "%d", empty != NULL);
  driver_free(empty);
  block = driver_realloc(block, 100000);
  see(probe, " %s", block);
  driver_free(block);
  block = driver_realloc(NULL, 10);
  see(probe, " %d", block != NULL);
  driver_free(block);
  driver_free(NULL);
}

const struct probe binary_probes[] = {{"driver_alloc_binary", 0, alloc_binary},
                                      {"driver_realloc_binary", 0, realloc_binary},
                                      {"driver_free_binary", 0, free_binary},
                                      {"driver_binary_get_refc", 0, refc},
                                      {"driver_binary_inc_refc", 0, refc},
                                      {"driver_binary_dec_refc", 0, refc},
                                      {"driver_alloc", 0, memory},
                                      {"driver_realloc", 0, memory},
                                      {"driver_free", 0, memory},
                                      {NULL, 0, NULL}};
