// The driver that a fuzz target calls: loaded once, opened afresh for every input.
//
//   extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
//     portlab::DriverUnderTest::Load("control_fuzz", *argc, *argv);
//     return 0;
//   }
//
// Flags, behind -ignore_remaining_args=1, as libFuzzer knows none of them:
//   --driver=FILE      else the environment's PORTLAB_FUZZ_DRIVER, else echo_drv.so beside the
//                      executable or in the build's folder of drivers
//   --start-args=TEXT  follows the driver's name when an input says nothing else
//   --calls=a,b        only these operations, by their names in the text form; open and close
//   always
//   --guard            guard pages around the driver's memory, for one built without a sanitizer
//   --survey           tells which operations the driver has a callback for, and once of each in
//                      which situation of its port it came
//   --no-state-counters  coverage is the only feedback (fuzz/state_counters.h)
//   --ring=FILE        each input is left there before it is run (fuzz/operations/input_ring.h)
//   --twice, --twice=EDGES  each input is run twice and compared (fuzz/run_twice.h)
//   --trace            every operation is printed before it is carried out
//   --malloc           driver_alloc is the sanitizer's malloc: its reports then have the stacks of
//                      the allocation and the free (driver/checked_memory.h)
//
// The driver is loaded before the first input: libFuzzer's banner then counts it, and every input
// sees the same coverage map.
//
// The runtime has the baton with a fixed seed: an input takes the same path in every run.
// Leaks: fuzz with -detect_leaks=0; the check after every input costs most of the speed. Replay the
// corpus under AddressSanitizer to find leaks.
//
// Threads: libFuzzer's one. Ownership: one per OS process, never destroyed: libFuzzer ends with
// exit, where a driver may be in any state.
// Errors: no driver, or one that does not load, is one line and exit status 2. A port that does not
// close, a queue that nothing will ever empty, and an echo that is none, abort: they are findings.
// Source: fuzzing.md 5.2, 5.5, 5.6.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "driver/start_options.h"
#include "fuzz/operations/operation.h"
#include "portlab/runtime.h"

namespace portlab {

class DriverUnderTest {
 public:
  static void Load(const char* target, int argc, char** argv);
  static DriverUnderTest& Get();  // REQUIRES: Load was called

  Runtime& runtime() { return runtime_; }
  Process& self() { return *self_; }
  // The zoo's echo driver, whose answers are known.
  bool is_echo() const { return is_echo_; }
  // That, or payload_drv: both send back what they are sent, and answer calls with their term.
  bool echoes() const { return echoes_; }
  bool traces() const { return flags_.trace; }
  bool counts_states() const { return flags_.state_counters; }
  // Where its library was loaded.
  std::uintptr_t load_address() const;
  bool surveys() const { return flags_.survey; }
  bool runs_twice() const { return flags_.twice; }
  const std::string& edges() const { return flags_.edges; }
  const std::string& ring() const { return flags_.ring; }
  // While it was loaded: threads of its own, which no input accounts for.
  bool made_threads() const { return made_threads_; }
  // The operations that this driver has a callback for, those with a payload more often.
  std::span<const OperationKind> kinds() const { return kinds_; }

  // Nullopt: the driver's start refused, which is its right.
  std::optional<PortId> Open(const Term& options);
  // `bits`: OpenBits. `arguments` follow the driver's name.
  std::optional<PortId> Open(std::uint32_t bits, std::string_view arguments);
  // Closes the port, unless the driver has done that.
  void Close(PortId port);
  // Waits until no port is left, and forgets all messages. A port that stays is a finding.
  void AwaitClosed();
  // The next message of this port, {Port,What}: its What. Nullopt: none is there.
  std::optional<Term> TakeMessage(PortId port);

  // A finding that no sanitizer sees: one line, then abort.
  [[noreturn]] static void Fail(const std::string& text);

 private:
  struct Flags {
    std::string driver;
    std::string start_args;
    std::string calls;
    bool guard = false;
    bool trace = false;
    bool from_malloc = false;
    bool survey = false;
    bool twice = false;
    std::string edges;
    std::string ring;
    bool state_counters = true;
  };
  explicit DriverUnderTest(Flags flags);
  void ChooseKinds();
  void TellKinds() const;
  static Flags ReadFlags(int argc, char** argv);
  std::optional<PortId> Opened(const Result<PortId>& port);
  bool ClosedUntil(Nanos deadline);
  void CheckQueues();
  void AwaitJobs();

  const Flags flags_;
  Runtime runtime_;
  ThreadProcess self_;
  std::string name_;
  bool is_echo_ = false;
  bool echoes_ = false;
  bool made_threads_ = false;
  Term port_name_;
  std::vector<StartOptions> start_options_;  // by OpenBits
  std::vector<OperationKind> kinds_;
};

}  // namespace portlab
