// What the guarded memory says before it ends the host, written without malloc, locks or printf: it
// may be called from a signal handler.
//
// Threads: any; of several at once the first is heard. Source: signal-safety(7).
#pragma once

#include <cstdint>
#include <string_view>

#include "driver/guarded_region.h"

namespace portlab {

// A line of bounded length.
class GuardLine {
 public:
  GuardLine& operator<<(std::string_view text);
  GuardLine& operator<<(std::uint64_t number);
  // "the 100-byte block allocated in start, freed in stop"
  GuardLine& Block(const GuardedSlot& slot);
  const char* c_str() const { return text_; }

 private:
  char text_[256] = {};
  std::size_t length_ = 0;
};

// Makes `line` the black box's message and shows it on stderr; later lines are not heard.
void ReportGuard(const GuardLine& line);
// The same, then ends the process with SIGABRT.
[[noreturn]] void StopForGuard(const GuardLine& line);

// From now on a SIGSEGV within `region` is reported before it ends the process, with SIGSEGV.
// REQUIRES: the region lives for ever.
void ReportFaultsIn(const GuardedRegion& region);

}  // namespace portlab
