/* When a faulty driver may show its fault: only after it was armed, by `control` with FAULT_ARM or
 * by a start command that contains " armed"; then `control` with FAULT_FIRE asks for it. A driver
 * that is not armed is an echo (echo_port.h). Threads: under the port's lock.
 */
#pragma once

#include <erl_driver.h>

#define FAULT_ARM 0x0fa1u
#define FAULT_FIRE 0x0fa2u

struct fault_trigger {
  int is_armed;
};

static inline struct fault_trigger fault_trigger_from_command(const char* command) {
  struct fault_trigger trigger = {strstr(command, " armed") != NULL};
  return trigger;
}

/* Takes notice of FAULT_ARM. Result: whether this control operation is to fire the fault. */
static inline int fault_trigger_pulled(struct fault_trigger* trigger, unsigned int operation) {
  if (operation == FAULT_ARM) trigger->is_armed = 1;
  return operation == FAULT_FIRE && trigger->is_armed;
}
