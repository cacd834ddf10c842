// The catalogue, class by class, and what its expectations are made of.
//
// Threads: each function is called once, before the catalogue is read. Source: isolation.md 3.
#pragma once

#include <string>
#include <vector>

#include "faulty_drivers/catalogue/entry.h"

namespace portlab {

// The lists by the letter of the id, in the order of the report.
std::vector<CatalogueEntry> MemoryFaults();        // A: pointers, the stack, arithmetic
std::vector<CatalogueEntry> HeapFaults();          // A: blocks of memory
std::vector<CatalogueEntry> LeakFaults();          // B
std::vector<CatalogueEntry> HangFaults();          // C
std::vector<CatalogueEntry> ExitFaults();          // D and E: what ends a process, and signals
std::vector<CatalogueEntry> ProcessStateFaults();  // F
std::vector<CatalogueEntry> ProtocolFaults();      // G, H and I

// One key, whatever the host. Programs are built plain for every host, so its flavour makes no
// difference to them.
inline Expectation Always(std::string key) { return {{key}, {key}, {}}; }

// What a plain host shows, and what the asan host does, which has the undefined behavior sanitizer,
// too: of the two the first to notice names it.
inline Expectation Expect(std::string plain, std::string asan) {
  return {{std::move(plain)}, {std::move(asan)}, {}};
}

// The same, where the guard pages of a guarded host notice.
inline Expectation Expect(std::string plain, std::string asan, std::string guarded) {
  return {{std::move(plain)}, {std::move(asan)}, {std::move(guarded)}};
}

}  // namespace portlab
