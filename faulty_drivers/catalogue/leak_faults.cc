#include "faulty_drivers/catalogue/fault_lists.h"

namespace portlab {

std::vector<CatalogueEntry> LeakFaults() {
  return {
      {.name = "memory_leak",
       .id = "B1",
       .cwe = 401,
       .title = "Loses 1 MiB with every command",
       .driver = "memory_leak_in_output_drv",
       .program = "memory_leak_program",
       .trigger = Trigger::kCommands,
       .commands = 48,
       .in_vm = Expect("degraded:memory", "degraded:leak:LeakSanitizer"),
       .program_mode = Always("contained:closed")},
      {.name = "fd_leak",
       .id = "B2",
       .cwe = 775,
       .title = "Opens a file with every command, and never closes it",
       .driver = "fd_leak_in_output_drv",
       .program = "fd_leak_program",
       .trigger = Trigger::kCommands,
       .commands = 8,
       .in_vm = Always("degraded:fds"),
       .program_mode = Always("contained:inside")},
      {.name = "thread_leak",
       .id = "B3",
       .cwe = 772,
       .title = "Starts threads that nobody ends",
       .driver = "thread_leak_in_control_drv",
       .program = "thread_leak_program",
       .in_vm = Always("degraded:threads"),
       .program_mode = Always("contained:inside")},
      {.name = "output_flood",
       .id = "B6",
       .cwe = 770,
       .title = "Sends far more than its process reads",
       .driver = "output_flood_in_control_drv",
       .program = "output_flood_program",
       .in_vm = Always("degraded:flood"),
       .program_mode = Always("contained:closed:output_limit")},
      {.name = "queue_never_drained",
       .id = "B7",
       .cwe = 459,
       .title = "Keeps what is sent in its queue for ever",
       .driver = "queue_never_drained_in_output_drv",
       .trigger = Trigger::kCommands,
       .commands = 1,
       .in_vm = Always("degraded:ports")},
  };
}

}  // namespace portlab
