#include "driver/driver_library.h"

#include <dlfcn.h>
#include <elf.h>

#include <cstring>
#include <fstream>

#include "driver/load_error.h"
#include "driver/undefined_symbols.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(coverage_sanitizer)
#define PORTLAB_KEEP_DRIVERS_MAPPED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PORTLAB_KEEP_DRIVERS_MAPPED 1
#endif

namespace portlab {
namespace {

// dlopen's own words for a foreign file are poor ("invalid ELF header"); say what the file is and
// what is needed.
std::string DescribeForeignFile(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  Elf64_Ehdr header{};
  if (!in.read(reinterpret_cast<char*>(&header), sizeof(header)) ||
      std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
    return " (it is not an ELF file; build the driver with: cc -fPIC -shared -o " + file + " …)";
  }
#if defined(__x86_64__)
  constexpr int kMachine = EM_X86_64;
#else
  constexpr int kMachine = EM_AARCH64;
#endif
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != kMachine) {
    return " (it was built for another architecture, ELF machine " +
           std::to_string(header.e_machine) + "; rebuild it here)";
  }
  return {};
}

// All that is missing, not the first one only, and why.
std::string DescribeUndefined(const std::string& file, std::string_view text) {
  if (text.find("undefined symbol") == std::string_view::npos) return {};
  std::string missing;
  for (const std::string& symbol : UndefinedSymbols(file))
    missing += (missing.empty() ? "" : ", ") + symbol;
  return " (not driver API: " + missing +
         "; a driver may call what erl_driver.h declares, and the libraries it is linked with)";
}

}  // namespace

Result<DriverLibrary> OpenDriverLibrary(const std::string& path) {
  const std::string file = path + ".so";
  ::dlerror();
  void* handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* error = ::dlerror();
    const std::string text = error == nullptr ? "" : error;
    return Fail(OpenError(text, file, DescribeForeignFile(file) + DescribeUndefined(file, text)));
  }
  void* symbol = ::dlsym(handle, "driver_init");
  if (symbol == nullptr) symbol = ::dlsym(handle, "_driver_init");
  if (symbol == nullptr) {
    ::dlclose(handle);
    return Fail(LoadError(
        "no_driver_init",
        file + " exports no driver_init; a driver has DRIVER_INIT(name) { return &entry; }"));
  }
  using DriverInit = ErlDrvEntry* (*)();
  ErlDrvEntry* entry = reinterpret_cast<DriverInit>(symbol)();
  if (entry == nullptr) {
    CloseDriverLibrary(handle);
    return Fail(LoadError("driver_init_failed", file + ": driver_init returned NULL"));
  }
  return DriverLibrary{handle, entry};
}

void CloseDriverLibrary(void* handle) {
#if defined(PORTLAB_KEEP_DRIVERS_MAPPED)
  (void)handle;
#else
  ::dlclose(handle);
#endif
}

}  // namespace portlab
