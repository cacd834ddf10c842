#include "fuzz/mapped_library.h"

#include <link.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <span>
#include <string_view>

namespace portlab {
namespace {

struct Wanted {
  const std::string& target;
  const std::string& path_end;
};

int Print(dl_phdr_info* info, std::size_t /*size*/, void* data) {
  const Wanted& wanted = *static_cast<const Wanted*>(data);
  if (!std::string_view(info->dlpi_name).ends_with(wanted.path_end)) return 0;
  std::uintptr_t begin = UINTPTR_MAX;
  std::uintptr_t end = 0;
  for (const auto& segment : std::span(info->dlpi_phdr, info->dlpi_phnum)) {
    if (segment.p_type != PT_LOAD) continue;
    begin = std::min(begin, info->dlpi_addr + segment.p_vaddr);
    end = std::max(end, info->dlpi_addr + segment.p_vaddr + segment.p_memsz);
  }
  std::fprintf(stderr, "%s: driver %s at [0x%" PRIxPTR ", 0x%" PRIxPTR ")\n", wanted.target.c_str(),
               info->dlpi_name, begin, end);
  return 1;
}

}  // namespace

void PrintMapping(const std::string& target, std::string path_end) {
  Wanted wanted = {target, path_end};
  ::dl_iterate_phdr(Print, &wanted);
}

}  // namespace portlab
