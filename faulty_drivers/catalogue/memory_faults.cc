#include "faulty_drivers/catalogue/fault_lists.h"

namespace portlab {

std::vector<CatalogueEntry> MemoryFaults() {
  return {
      {.name = "null_write",
       .id = "A1",
       .cwe = 476,
       .title = "Writes through a null pointer",
       .driver = "null_write_in_control_drv",
       .program = "null_write_program",
       .in_vm = Expect("host_down:signal:SIGSEGV", "host_down:sanitizer:null-pointer-use"),
       .program_mode = Always("contained:exit_status:139")},
      {.name = "wild_read",
       .id = "A2",
       .cwe = 822,
       .title = "Reads through a pointer that never pointed anywhere",
       .driver = "wild_read_in_control_drv",
       .program = "wild_read_program",
       .in_vm = Expect("host_down:signal:SIGSEGV", "host_down:sanitizer:SEGV"),
       .program_mode = Always("contained:exit_status:139")},
      {.name = "overlong_control_reply",
       .id = "A4",
       .cwe = 126,
       .title = "Says that its reply is longer than what it wrote",
       .driver = "overlong_control_reply_in_control_drv",
       .in_vm = Always("host_down:contract")},
      {.name = "reply_buffer_overflow",
       .id = "A8",
       .cwe = 121,
       .title = "Writes more of a reply than the buffer has that it was lent",
       .driver = "reply_buffer_overflow_in_control_drv",
       .in_vm = Expect("host_down:contract", "host_down:sanitizer:heap-buffer-overflow")},
      {.name = "stack_overflow",
       .id = "A9",
       .cwe = 674,
       .title = "Recurses until the stack is used up",
       .driver = "stack_overflow_in_control_drv",
       .program = "stack_overflow_program",
       .in_vm = Expect("host_down:signal:SIGSEGV", "host_down:sanitizer:stack-overflow"),
       .program_mode = Always("contained:exit_status:139")},
      {.name = "division_by_zero",
       .id = "A14",
       .cwe = 369,
       .title = "Divides an integer by zero",
       .driver = "division_by_zero_in_control_drv",
       .program = "division_by_zero_program",
       .in_vm = Expect("host_down:signal:SIGFPE", "host_down:sanitizer:integer-divide-by-zero"),
       .program_mode = Always("contained:exit_status:136")},
  };
}

}  // namespace portlab
