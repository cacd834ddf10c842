#include "faulty_drivers/catalogue/fault_lists.h"

namespace portlab {

std::vector<CatalogueEntry> HeapFaults() {
  return {
      {.name = "heap_overflow",
       .id = "A3",
       .cwe = 787,
       .title = "Writes beyond a block of memory",
       .driver = "heap_overflow_in_output_drv",
       .program = "heap_overflow_program",
       .trigger = Trigger::kCommands,
       .commands = 1,
       .in_vm = Expect("host_down:signal:SIGABRT", "host_down:sanitizer:heap-buffer-overflow",
                       "host_down:guard:heap-overflow"),
       .program_mode = Always("contained:exit_status:134")},
      {.name = "use_after_free",
       .id = "A5",
       .cwe = 416,
       .title = "Writes to a block of memory that it has freed",
       .driver = "use_after_free_in_output_drv",
       .program = "use_after_free_program",
       .trigger = Trigger::kCommands,
       .commands = 1,
       .in_vm = Expect("host_down:signal:SIGABRT", "host_down:sanitizer:heap-use-after-free",
                       "host_down:guard:use-after-free"),
       .program_mode = Always("contained:exit_status:134")},
      {.name = "double_free",
       .id = "A6",
       .cwe = 415,
       .title = "Frees a block of memory twice",
       .driver = "double_free_in_control_drv",
       .program = "double_free_program",
       .in_vm = Expect("host_down:signal:SIGABRT", "host_down:sanitizer:double-free",
                       "host_down:guard:double-free"),
       .program_mode = Always("contained:exit_status:134")},
      {.name = "bad_free",
       .id = "A7",
       .cwe = 590,
       .title = "Frees memory that was never allocated",
       .driver = "bad_free_in_control_drv",
       .in_vm = Expect("host_down:signal:SIGABRT", "host_down:sanitizer:bad-free",
                       "host_down:guard:bad-free")},
  };
}

}  // namespace portlab
