#include "driver/undefined_symbols.h"

#include <dlfcn.h>

#include <algorithm>

#include "driver/elf_file.h"

namespace portlab {
namespace {

// Libraries, open for the time of a look.
class OpenLibraries {
 public:
  explicit OpenLibraries(const std::set<std::string>& names) {
    for (const std::string& name : names) {
      if (void* handle = ::dlopen(name.c_str(), RTLD_LAZY)) handles_.push_back(handle);
    }
  }
  ~OpenLibraries() {
    for (void* handle : handles_) ::dlclose(handle);
  }
  OpenLibraries(const OpenLibraries&) = delete;
  OpenLibraries& operator=(const OpenLibraries&) = delete;

  bool Define(const std::string& symbol) const {
    if (::dlsym(RTLD_DEFAULT, symbol.c_str()) != nullptr) return true;
    return std::any_of(handles_.begin(), handles_.end(),
                       [&](void* handle) { return ::dlsym(handle, symbol.c_str()) != nullptr; });
  }

 private:
  std::vector<void*> handles_;
};

}  // namespace

std::vector<std::string> UndefinedSymbols(const std::string& file) {
  const Result<ElfFile> elf = ReadElfFile(file);
  if (!elf) return {};
  const OpenLibraries needed(elf->needed);
  std::vector<std::string> undefined;
  for (const std::string& symbol : elf->undefined) {
    if (!elf->weak.contains(symbol) && !needed.Define(symbol)) undefined.push_back(symbol);
  }
  return undefined;
}

}  // namespace portlab
