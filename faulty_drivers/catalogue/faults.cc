#include <algorithm>
#include <array>

#include "faulty_drivers/catalogue/entry.h"

namespace portlab {
namespace {

// What a fault does in the VM as a plain build shows it, and as the asan host does, which has the
// undefined behavior sanitizer, too: of the two the first to notice names it.
Expectation Expect(std::string plain, std::string asan) {
  return {{std::move(plain)}, {std::move(asan)}};
}

// Programs are built plain for every host, so the host's flavour makes no difference to them.
Expectation EitherWay(std::string key) { return {{key}, {key}}; }

std::array<CatalogueEntry, 7> MakeCatalogue() {
  return {{
      {.name = "echo",
       .id = "-",
       .title = "No fault: answers what it is sent",
       .driver = "echo_drv",
       .program = "echo_program",
       .in_vm = EitherWay("clean"),
       .program_mode = EitherWay("clean")},
      {.name = "null_write",
       .id = "A1",
       .cwe = 476,
       .title = "Writes through a null pointer",
       .driver = "null_write_in_control_drv",
       .program = "null_write_program",
       .in_vm = Expect("host_down:signal:SIGSEGV", "host_down:sanitizer:null-pointer-use"),
       .program_mode = EitherWay("contained:exit_status:139")},
      {.name = "abort",
       .id = "D1",
       .cwe = 617,
       .title = "Calls abort, as a failed assert does",
       .driver = "abort_in_control_drv",
       .program = "abort_program",
       .in_vm = Expect("host_down:signal:SIGABRT", "host_down:sanitizer:ABRT"),
       .program_mode = EitherWay("contained:exit_status:134")},
      {.name = "exit_zero",
       .id = "D2",
       .cwe = 705,
       .title = "Ends its whole process with status 0",
       .driver = "exit_zero_in_control_drv",
       .program = "exit_zero_program",
       .in_vm = EitherWay("host_down:exit:0"),
       .program_mode = EitherWay("contained:exit_status:0")},
      {.name = "infinite_loop",
       .id = "C1",
       .cwe = 835,
       .title = "Never returns, and uses a whole core for it",
       .driver = "infinite_loop_in_control_drv",
       .program = "infinite_loop_program",
       .in_vm = EitherWay("degraded:stuck"),
       .program_mode = EitherWay("contained:unresponsive")},
      {.name = "memory_leak",
       .id = "B1",
       .cwe = 401,
       .title = "Loses 1 MiB with every command",
       .driver = "memory_leak_in_output_drv",
       .program = "memory_leak_program",
       .trigger = Trigger::kCommands,
       .commands = 48,
       .in_vm = Expect("degraded:memory", "degraded:leak:LeakSanitizer"),
       .program_mode = EitherWay("contained:closed")},
      {.name = "output_flood",
       .id = "B6",
       .cwe = 770,
       .title = "Sends far more than its process reads",
       .driver = "output_flood_in_control_drv",
       .program = "output_flood_program",
       .in_vm = EitherWay("degraded:flood"),
       .program_mode = EitherWay("contained:closed:output_limit")},
  }};
}

}  // namespace

std::span<const CatalogueEntry> Catalogue() {
  // Never destroyed: a driver may call exit while another thread reads it.
  static const auto& entries = *new std::array<CatalogueEntry, 7>(MakeCatalogue());
  return entries;
}

const CatalogueEntry* FindEntry(std::string_view name) {
  const std::span<const CatalogueEntry> entries = Catalogue();
  const auto found = std::ranges::find(entries, name, &CatalogueEntry::name);
  return found == entries.end() ? nullptr : &*found;
}

}  // namespace portlab
