// The driver that a fuzz target calls: loaded once, opened afresh for every input.
//
//   extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
//     portlab::DriverUnderTest::Load("control_fuzz", *argc, *argv);
//     return 0;
//   }
//
// Which driver: --driver=FILE (behind -ignore_remaining_args=1, as libFuzzer knows no such flag),
// else the environment's PORTLAB_FUZZ_DRIVER, else echo_drv.so beside the executable or in the
// build's folder of drivers. It is loaded before the first input: libFuzzer's banner then counts
// it, and every input sees the same coverage map.
//
// The runtime has the baton with a fixed seed: an input takes the same path in every run.
// Leaks: fuzz with -detect_leaks=0; the check after every input costs most of the speed. Replay the
// corpus under AddressSanitizer to find leaks.
//
// Threads: libFuzzer's one. Ownership: one per OS process, never destroyed: libFuzzer ends with
// exit, where a driver may be in any state.
// Errors: no driver, or one that does not load, is one line and exit status 2. A port that does not
// close, and an echo that is none, abort: they are findings.
// Source: fuzzing.md 5.2, 5.5, 5.6.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "portlab/runtime.h"

namespace portlab {

class DriverUnderTest {
 public:
  static void Load(const char* target, int argc, char** argv);
  static DriverUnderTest& Get();  // REQUIRES: Load was called

  Runtime& runtime() { return runtime_; }
  Process& self() { return *self_; }
  // The zoo's echo driver, whose answers are known.
  bool is_echo() const { return name_ == "echo_drv"; }

  // Nullopt: the driver's start refused, which is its right.
  std::optional<PortId> Open(const Term& options);
  // Closes the port, unless the driver has done that; then nothing may be left of it.
  void Close(PortId port);
  // The next message of this port, {Port,What}: its What. Nullopt: none is there.
  std::optional<Term> TakeMessage(PortId port);

  // A finding that no sanitizer sees: one line, then abort.
  [[noreturn]] static void Fail(const std::string& text);

 private:
  explicit DriverUnderTest(const std::string& file);
  bool ClosedUntil(Nanos deadline);

  Runtime runtime_;
  ThreadProcess self_;
  std::string name_;
  Term port_name_;
};

}  // namespace portlab
