// Functions of the emulator that are no part of the driver API but that drivers have been seen to
// call all the same, because it exports everything it has: the end of the VM, and its printf.
// (erl_exit is erts_exit before OTP 18.) The list is beam_symbols.txt.
// Source: OTP 25's exported symbols; otp_ports.md 1.1.
#include "driver_api/beam.h"

#include <climits>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#include "base/black_box.h"
#include "base/stop_hook.h"

namespace {

// Numbers that are no exit status, of the emulator.
constexpr int kExitInSignalHandler = INT_MIN;
constexpr int kAbort = INT_MIN + 1;
constexpr int kExitWithDump = INT_MIN + 2;

[[noreturn]] void EndHost(int status, const char* format, va_list arguments) {
  char text[sizeof(portlab::BlackBox::message)] = "";
  if (format != nullptr) std::vsnprintf(text, sizeof(text), format, arguments);
  portlab::BlackBox::Get().set_message(text);
  std::fprintf(stderr, "%s", text);
  std::fflush(nullptr);
  if (status == kExitWithDump) portlab::RunLastWords();
  if (status == kAbort || status == kExitInSignalHandler) std::abort();
  std::_Exit(status == kExitWithDump ? 1 : status);
}

}  // namespace

void erts_exit(int status, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  EndHost(status, format, arguments);
}

void erl_exit(int status, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  EndHost(status, format, arguments);
}

int erts_fprintf(FILE* file, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int written = std::vfprintf(file, format, arguments);
  va_end(arguments);
  return written;
}
