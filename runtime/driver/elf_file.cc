#include "driver/elf_file.h"

#include <elf.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

namespace portlab {
namespace {

#if defined(__x86_64__)
constexpr int kMachine = EM_X86_64;
constexpr const char* kMachineName = "x86-64";
#else
constexpr int kMachine = EM_AARCH64;
constexpr const char* kMachineName = "aarch64";
#endif

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  std::optional<T> At(std::uint64_t offset) const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof(T));
    return value;
  }
  std::string_view Part(std::uint64_t offset, std::uint64_t size) const {
    if (offset > bytes_.size()) return {};
    return bytes_.substr(offset, size);
  }

 private:
  std::string_view bytes_;
};

std::string NameIn(std::string_view table, std::uint64_t at) {
  if (at >= table.size()) return {};
  return std::string(table.substr(at, table.find('\0', at) - at));
}

Result<void> CheckHeader(const std::string& path, const std::optional<Elf64_Ehdr>& header,
                         ElfKind wanted) {
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) {
    return Fail(Error::BadArg(path + " is not a shared library: it is no ELF file"));
  }
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_machine != kMachine) {
    return Fail(Error::BadArg(path + " was built for another machine (ELF machine " +
                              std::to_string(header->e_machine) + "); this one is " +
                              kMachineName));
  }
  if (wanted == ElfKind::kLibrary && header->e_type != ET_DYN) {
    return Fail(Error::BadArg(path + " is no shared library; build it with -fPIC -shared"));
  }
  return {};
}

class ElfReader {
 public:
  ElfReader(Reader file, const Elf64_Ehdr& header) : file_(file) {
    for (std::uint64_t i = 0; i < header.e_shnum; ++i) {
      const auto section = file_.At<Elf64_Shdr>(header.e_shoff + i * sizeof(Elf64_Shdr));
      if (section) sections_.push_back(*section);
    }
    if (header.e_shstrndx < sections_.size()) names_ = TextOf(sections_[header.e_shstrndx]);
  }

  ElfFile Read() {
    ElfFile elf;
    for (const Elf64_Shdr& section : sections_) {
      const std::string name = NameIn(names_, section.sh_name);
      if (section.sh_size > 0 && !name.empty()) {
        elf.sections.insert(name);
        if ((section.sh_flags & SHF_ALLOC) != 0) {
          elf.places[name] = {section.sh_addr, section.sh_size};
        }
      }
      if (section.sh_type == SHT_DYNSYM) ReadSymbols(section, elf);
      if (section.sh_type == SHT_DYNAMIC) ReadNeeded(section, elf);
    }
    return elf;
  }

 private:
  std::string_view TextOf(const Elf64_Shdr& section) const {
    if (section.sh_type == SHT_NOBITS) return {};
    return file_.Part(section.sh_offset, section.sh_size);
  }
  std::string_view LinkedText(const Elf64_Shdr& section) const {
    return section.sh_link < sections_.size() ? TextOf(sections_[section.sh_link])
                                              : std::string_view();
  }
  void ReadSymbols(const Elf64_Shdr& section, ElfFile& elf) const {
    const std::string_view names = LinkedText(section);
    const Reader table(TextOf(section));
    for (std::uint64_t at = 0;; at += sizeof(Elf64_Sym)) {
      const auto symbol = table.At<Elf64_Sym>(at);
      if (!symbol) return;
      const std::string name = NameIn(names, symbol->st_name);
      if (name.empty()) continue;
      const bool undefined = symbol->st_shndx == SHN_UNDEF;
      (undefined ? elf.undefined : elf.defined).insert(name);
      if (undefined && ELF64_ST_BIND(symbol->st_info) == STB_WEAK) elf.weak.insert(name);
    }
  }
  void ReadNeeded(const Elf64_Shdr& section, ElfFile& elf) const {
    const std::string_view names = LinkedText(section);
    const Reader table(TextOf(section));
    for (std::uint64_t at = 0;; at += sizeof(Elf64_Dyn)) {
      const auto entry = table.At<Elf64_Dyn>(at);
      if (!entry || entry->d_tag == DT_NULL) return;
      if (entry->d_tag == DT_NEEDED) elf.needed.insert(NameIn(names, entry->d_un.d_val));
    }
  }

  const Reader file_;
  std::vector<Elf64_Shdr> sections_;
  std::string_view names_;
};

bool HasPrefixed(const std::set<std::string>& names, std::string_view prefix) {
  const auto first = names.lower_bound(std::string(prefix));
  return first != names.end() && first->starts_with(prefix);
}

}  // namespace

bool ElfFile::asks_for_prefix(std::string_view prefix) const {
  return HasPrefixed(undefined, prefix);
}

bool ElfFile::needs_library(std::string_view prefix) const { return HasPrefixed(needed, prefix); }

Result<ElfFile> ReadElfFile(const std::string& path, ElfKind wanted) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Fail(Error::Errno(errno, path + ": " + std::strerror(errno)));
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  const Reader file(bytes);
  const auto header = file.At<Elf64_Ehdr>(0);
  if (auto checked = CheckHeader(path, header, wanted); !checked) return Fail(checked.error());
  return ElfReader(file, *header).Read();
}

}  // namespace portlab
