// What there is to know of a shared library or program before it is loaded: its sections, its
// dynamic symbols, the libraries it asks for. Every offset in the file is checked: the file may be
// anything.
//
// Threads: values. Ownership: the result owns its strings. Errors: badarg, with a sentence for
// people that begins with the path. Source: <elf.h>; System V ABI, chapters 4 and 5.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "portlab/error.h"

namespace portlab {

// Where a section is when the file is loaded, from its beginning.
struct SectionPlace {
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
};

struct ElfFile {
  std::set<std::string> sections;              // names of those that are not empty
  std::map<std::string, SectionPlace> places;  // of those that are loaded
  std::set<std::string> undefined;             // dynamic symbols that others must have
  std::set<std::string> weak;                  // of these, those that may be missing
  std::set<std::string> defined;               // dynamic symbols that others may use
  std::set<std::string> needed;                // DT_NEEDED

  bool has_section(std::string_view name) const { return sections.contains(std::string(name)); }
  bool asks_for(std::string_view symbol) const { return undefined.contains(std::string(symbol)); }
  bool asks_for_prefix(std::string_view prefix) const;
  bool needs_library(std::string_view prefix) const;
};

// A program that stays at a fixed address is an ELF file, but no library; so is an object file.
enum class ElfKind { kLibrary, kAny };
Result<ElfFile> ReadElfFile(const std::string& path, ElfKind wanted = ElfKind::kLibrary);

}  // namespace portlab
