// The emulator's functions beside the driver API that are provided: see beam.cc.
// Threads: any. Errors: erts_exit and erl_exit do not return; a status that is none of the
// emulator's own numbers is the host's exit status.
#pragma once

#include <cstdio>

extern "C" {
[[noreturn, gnu::visibility("default"), gnu::format(printf, 2, 3)]] void erts_exit(
    int status, const char* format, ...);
[[noreturn, gnu::visibility("default"), gnu::format(printf, 2, 3)]] void erl_exit(
    int status, const char* format, ...);
// Plain printf formats; the emulator's own (%T, of terms) are not known.
[[gnu::visibility("default"), gnu::format(printf, 2, 3)]] int erts_fprintf(FILE* file,
                                                                           const char* format, ...);
}
