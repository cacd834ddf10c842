// The stack of a driver that broke a rule, in words, on stderr: the functions of the driver and of
// its libraries, innermost first, with the names of their symbol tables (static functions have one
// there, too); what runs of the host between them is one line. For the report of StopHost.
//
// Threads: the one whose stack it is. Allocates nothing and takes no lock of ours: the heap may be
// what the driver broke. Errors: a function without a symbol is its place in its file. Source:
// <elf.h>; Itanium C++ ABI, _Unwind_Backtrace.
#pragma once

#include <cstddef>

namespace portlab {

void WriteDriverStack(int fd);

// "control (my_drv.so+0x1234)" for the address of an instruction. False: it is in no file.
bool DescribeCode(const void* address, char* to, std::size_t room);

}  // namespace portlab
