#include "faulty_drivers/catalogue/fault_lists.h"

namespace portlab {

std::vector<CatalogueEntry> ProtocolFaults() {
  return {
      {.name = "oversized_packet_header",
       .id = "G1",
       .cwe = 130,
       .title = "Announces a packet of 4 GiB",
       .program = "oversized_packet_header_program",
       .program_mode = Always("contained:closed:einval")},
      {.name = "bad_reply_pointer",
       .id = "G4",
       .cwe = 822,
       .title = "Gives a reply that lies at address 16",
       .driver = "bad_reply_pointer_in_control_drv",
       .in_vm = Expect("host_down:signal:SIGSEGV", "host_down:sanitizer:SEGV")},
      {.name = "api_after_stop",
       .id = "G5",
       .cwe = 672,
       .title = "Sends through its port in another thread after stop",
       .driver = "api_after_stop_in_async_invoke_drv",
       .in_vm = Always("host_down:contract")},
      {.name = "use_after_stop",
       .id = "H2",
       .cwe = 672,
       .title = "Uses its data in another thread after stop has freed it",
       .driver = "use_after_stop_in_async_invoke_drv",
       .in_vm = Expect("host_down:signal:SIGSEGV", "host_down:sanitizer:heap-use-after-free",
                       "host_down:guard:use-after-free")},
      {.name = "ignores_sigterm_and_eof",
       .id = "I1",
       .cwe = 404,
       .title = "Goes on when its port is closed, and ignores SIGTERM",
       .program = "ignores_sigterm_and_eof_program",
       .program_mode = Always("contained:outlives_port")},
      {.name = "grandchild_holds_pipe",
       .id = "I2",
       .cwe = 404,
       .title = "Ends while a child of its own keeps its output open",
       .program = "grandchild_holds_pipe_program",
       .program_mode = Always("contained:unresponsive")},
  };
}

}  // namespace portlab
