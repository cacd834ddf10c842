/* The harmless part every driver of the zoo shares: a port that echoes. `output` sends the same
 * bytes back, `control` with operation 0 replies with them, FAULT_ARM and FAULT_FIRE reply with
 * nothing, other operations are refused (badarg). Threads: under the port's lock. Ownership: the VM
 * holds the echo_port from start to stop.
 */
#pragma once

#include <erl_driver.h>

#include "fault_trigger.h"

#define ECHO_CONTROL 0u

struct echo_port {
  ErlDrvPort port;
  struct fault_trigger trigger;
};

static inline ErlDrvData echo_start(ErlDrvPort port, char* command) {
  struct echo_port* self = (struct echo_port*)driver_alloc(sizeof(*self));
  if (self == NULL) return ERL_DRV_ERROR_GENERAL;
  self->port = port;
  self->trigger = fault_trigger_from_command(command);
  return (ErlDrvData)self;
}

static inline void echo_stop(ErlDrvData data) { driver_free(data); }

static inline void echo_output(ErlDrvData data, char* bytes, ErlDrvSizeT size) {
  driver_output(((struct echo_port*)data)->port, bytes, size);
}

/* The reply of `control` and `call`: in the VM's buffer when it fits, else in one that becomes the
 * VM's. */
static inline ErlDrvSSizeT echo_reply(const char* bytes, ErlDrvSizeT size, char** reply,
                                      ErlDrvSizeT room) {
  if (size > room) {
    char* larger = (char*)driver_alloc(size);
    if (larger == NULL) return -1;
    *reply = larger;
  }
  if (size > 0) memcpy(*reply, bytes, size);
  return (ErlDrvSSizeT)size;
}

static inline ErlDrvSSizeT echo_control(unsigned int operation, const char* bytes, ErlDrvSizeT size,
                                        char** reply, ErlDrvSizeT room) {
  if (operation == ECHO_CONTROL) return echo_reply(bytes, size, reply, room);
  return operation == FAULT_ARM || operation == FAULT_FIRE ? 0 : -1;
}
