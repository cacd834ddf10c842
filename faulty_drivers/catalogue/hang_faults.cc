#include "faulty_drivers/catalogue/fault_lists.h"

namespace portlab {

std::vector<CatalogueEntry> HangFaults() {
  return {
      {.name = "infinite_loop",
       .id = "C1",
       .cwe = 835,
       .title = "Never returns, and uses a whole core for it",
       .driver = "infinite_loop_in_control_drv",
       .program = "infinite_loop_program",
       .in_vm = Always("degraded:stuck"),
       .program_mode = Always("contained:unresponsive")},
      {.name = "sleep",
       .id = "C2",
       .cwe = 1322,
       .title = "Sleeps for an hour",
       .driver = "sleep_in_control_drv",
       .program = "sleep_program",
       .in_vm = Always("degraded:stuck"),
       .program_mode = Always("contained:unresponsive")},
      {.name = "self_deadlock",
       .id = "C3",
       .cwe = 764,
       .title = "Locks a mutex that it holds already",
       .driver = "self_deadlock_in_control_drv",
       .program = "self_deadlock_program",
       .in_vm = Always("host_down:contract"),
       .program_mode = Always("contained:unresponsive")},
      {.name = "busy_for_ever",
       .id = "C6",
       .cwe = 400,
       .title = "Says that it is busy, and never that it no longer is",
       .driver = "busy_for_ever_in_output_drv",
       .trigger = Trigger::kBurst,
       .commands = 2,
       .in_vm = Always("contained:unresponsive")},
      {.name = "unread_output",
       .id = "C6",
       .cwe = 400,
       .title = "Does not read what its port sends",
       .program = "unread_output_program",
       .trigger = Trigger::kBurst,
       .commands = 12000,
       .program_mode = Always("degraded:ports")},
  };
}

}  // namespace portlab
