// Whether two short texts are the same, without a call: of a few bytes memcmp's own costs are most
// of it, and under a fuzzer each memcmp is looked at by the sanitizer and by libFuzzer.
// Threads: pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace portlab {

inline bool SameText(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

}  // namespace portlab
