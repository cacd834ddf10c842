// What a shared library asks for and nobody has: dlopen names the first such symbol, a driver's
// author wants them all.
// Threads: any. Errors: empty for what is no readable ELF file. Source: elf(5); otp_ports.md 2.1.
#pragma once

#include <string>
#include <vector>

namespace portlab {

// Symbols that neither this executable, nor a library it has, nor one of those the file names
// (which are opened for the question) define. Sorted. The file itself is not loaded.
std::vector<std::string> UndefinedSymbols(const std::string& file);

}  // namespace portlab
