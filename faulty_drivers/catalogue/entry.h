// One fault of the zoo: what it is, where its driver and its program are, and what each isolation
// mode must make of it.
//
// An entry has a driver or a program or both; the mode it has no file for it does not have.
//
// An expectation is a set of outcome keys (faulty_drivers/trial/outcome.h, OutcomeKey). For plain
// builds it is the set of outcomes that may occur; under a sanitizer, and in a guarded host, it has
// exactly one. With the trigger off the only outcome is "clean". Threads: values, constant after
// start. Source: isolation.md 3 (ids and CWE numbers); style.md 3, habits 27 and 28.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace portlab {

enum class IsolationMode { kInVm, kProgram };
inline constexpr IsolationMode kModes[] = {IsolationMode::kInVm, IsolationMode::kProgram};
// What a host does about wild accesses. A guarded host is the plain build with guard pages around
// what drivers allocate (driver/guarded_memory.h); programs have nothing that it could guard.
enum class Flavour { kPlain, kAsan, kGuarded };
inline constexpr Flavour kFlavours[] = {Flavour::kPlain, Flavour::kGuarded, Flavour::kAsan};

inline constexpr std::string_view ModeName(IsolationMode mode) {
  return mode == IsolationMode::kInVm ? "in_vm" : "program";
}
inline constexpr std::string_view FlavourName(Flavour flavour) {
  return flavour == Flavour::kPlain ? "plain" : flavour == Flavour::kAsan ? "asan" : "guarded";
}
// Which build has its host and drivers: bin/portlab-host-<build>, drivers/<build>.
inline constexpr std::string_view BuildName(Flavour flavour) {
  return flavour == Flavour::kAsan ? "asan" : "plain";
}

struct Expectation {
  std::vector<std::string> plain;
  std::vector<std::string> asan;
  // Exactly one key, or empty: the same as `plain`, which then has exactly one.
  std::vector<std::string> guarded = {};
};

// How the trigger is pulled once the port is open.
enum class Trigger {
  kControl,   // drivers: control(FAULT_ARM), control(FAULT_FIRE); programs: the packet "fire"
  kCommands,  // drivers: control(FAULT_ARM), then commands; programs: armed, then packets
  kBurst,     // as kCommands, but nothing is read before all are sent
};

struct CatalogueEntry {
  std::string name;  // "null_write": what --fault takes
  std::string id;    // of the fault class, "A1"; "-" for the two echoes; one entry per id and mode
  int cwe = 0;
  std::string title;  // for the report
  // "null_write_in_control_drv"; one that is not of the zoo: absolute path of its .so.
  std::string driver = {};
  std::string program = {};  // "null_write_program", or an absolute path as well
  Trigger trigger = Trigger::kControl;
  int commands = 0;  // with kCommands and kBurst: how many
  Expectation in_vm = {};
  Expectation program_mode = {};
};

inline bool HasMode(const CatalogueEntry& entry, IsolationMode mode) {
  return !(mode == IsolationMode::kInVm ? entry.driver : entry.program).empty();
}

// All entries, in the order of the report. catalogue_test holds this and the source files to each
// other, both ways.
std::span<const CatalogueEntry> Catalogue();
// Null: no such fault.
const CatalogueEntry* FindEntry(std::string_view name);

}  // namespace portlab
