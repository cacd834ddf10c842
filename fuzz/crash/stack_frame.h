// One line of a stack trace, as the sanitizers, libFuzzer and the guard host print them, and whose
// code it is in.
//
// Threads: pure. Ownership: values. Errors: none; a line that is no frame gives nullopt.
// Source: fuzzing.md 6.5; sanitizer_common's stack_trace_format.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace portlab {

struct StackFrame {
  std::string function;  // empty: the trace has no symbol
  std::string source;    // empty: the trace has no line
  int line = 0;
  std::string module;        // empty: the trace names none
  std::uint64_t offset = 0;  // in the module

  bool operator==(const StackFrame&) const = default;
};

enum class FrameOwner {
  kUser,       // the driver, or a library of its own
  kHost,       // portlab: where a driver's callback was called from, or what it called
  kMachinery,  // sanitizer, libFuzzer, libc, the allocator
};

// The modules whose code is known whatever its names are; empty: not known.
struct TracedModules {
  std::string host;
  std::string user;  // the driver or program
  // The user's module is the whole program: a sanitizer and the start of the process are in it.
  bool whole_program = false;
};

// What to set as stack_trace_format, so that a frame has its source and its module.
extern const char kStackTraceFormat[];

std::optional<StackFrame> ParseStackFrame(std::string_view line);
FrameOwner OwnerOf(const StackFrame& frame, const TracedModules& modules);

// The function without what changes although the bug stays: template and call arguments, numbers of
// lambdas, suffixes of the compiler. Without a symbol: "module+0xoffset".
std::string StableName(const StackFrame& frame);

// "store_record my_drv.c:71", for people.
std::string FrameInWords(const StackFrame& frame);

}  // namespace portlab
