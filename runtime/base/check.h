// PORTLAB_CHECK(condition, text): stops the process when the runtime itself is wrong. Stays on in
// release builds. Never used for what a driver, a program or a caller did: those get an Outcome or
// a Result (see portlab/error.h). Threads: any.
#pragma once

namespace portlab {

[[noreturn]] void CheckFailed(const char* file, int line, const char* condition, const char* text);

}  // namespace portlab

#define PORTLAB_CHECK(condition, text)                                \
  do {                                                                \
    if (!(condition)) [[unlikely]]                                    \
      ::portlab::CheckFailed(__FILE__, __LINE__, #condition, (text)); \
  } while (false)
