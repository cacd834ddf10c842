#include <algorithm>
#include <iterator>

#include "faulty_drivers/catalogue/fault_lists.h"

namespace portlab {
namespace {

CatalogueEntry NoFault() {
  return {.name = "echo",
          .id = "-",
          .title = "No fault: answers what it is sent",
          .driver = "echo_drv",
          .program = "echo_program",
          .in_vm = Always("clean"),
          .program_mode = Always("clean")};
}

std::vector<CatalogueEntry> MakeCatalogue() {
  std::vector<CatalogueEntry> all = {NoFault()};
  for (const auto& list : {MemoryFaults(), HeapFaults(), LeakFaults(), HangFaults(), ExitFaults(),
                           ProcessStateFaults(), ProtocolFaults()}) {
    std::ranges::copy(list, std::back_inserter(all));
  }
  return all;
}

}  // namespace

std::span<const CatalogueEntry> Catalogue() {
  // Never destroyed: a driver may call exit while another thread reads it.
  static const auto& entries = *new std::vector<CatalogueEntry>(MakeCatalogue());
  return entries;
}

const CatalogueEntry* FindEntry(std::string_view name) {
  const std::span<const CatalogueEntry> entries = Catalogue();
  const auto found = std::ranges::find(entries, name, &CatalogueEntry::name);
  return found == entries.end() ? nullptr : &*found;
}

}  // namespace portlab
