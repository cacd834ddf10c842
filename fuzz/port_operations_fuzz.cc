// Sequences of port operations (fuzz/operations/operation.h) on up to four ports of one driver:
// what `portlab fuzz` runs. Built with libFuzzer it is bin/portlab-host-fuzz.
//
// Fresh ports for every input, time and threads from a fixed seed: an input takes the same path
// every time. Flags behind -ignore_remaining_args=1: fuzz/driver_under_test.h.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "base/atomic.h"
#include "driver/checked_memory.h"
#include "fuzz/input_residue.h"
#include "fuzz/operation_runner.h"
#include "fuzz/operations/input_ring.h"
#include "fuzz/operations/mutate.h"
#include "fuzz/operations/text.h"
#include "fuzz/run_twice.h"
#include "port/lent_buffer.h"

#if defined(PORTLAB_WITH_LIBFUZZER)
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t room);
#endif

namespace portlab {
namespace {

// What the flags ask for beside running an input.
struct Host {
  OperationRunner runner{DriverUnderTest::Get()};
  InputResidue residue;
  std::optional<InputRing> ring;
  std::optional<EdgePlaces> edges;
  bool is_first_input = true;

  Host() {
    const DriverUnderTest& driver = DriverUnderTest::Get();
    edges = EdgePlacesFrom(driver.edges());
    if (driver.ring().empty()) return;
    auto opened = InputRing::Open(driver.ring());
    if (!opened) {
      std::fprintf(stderr, "portlab: --ring: %s\n", opened.error().ToString().c_str());
      std::exit(2);
    }
    ring.emplace(std::move(*opened));
  }

  void Run(Bytes input) {
    if (is_first_input) Begin();
    if (ring) ring->Add(input);
    if (DriverUnderTest::Get().runs_twice()) return RunTwice(runner, edges, input);
    residue.Watch(input, [&] { runner.Run(input); });
  }

  // libFuzzer has made its one thread, which never touches the runtime; the runtime's own take
  // their turns.
  void Begin() {
    is_first_input = false;
#if defined(PORTLAB_WITH_LIBFUZZER)
    if (DriverUnderTest::Get().made_threads()) return;
    OneAtATime::Begin();
    if (DriverUnderTest::Get().traces())
      std::fputs("portlab: one thread at a time, until the driver makes one\n", stderr);
#endif
  }
};

Host& TheHost() {
  // Never destroyed: libFuzzer ends with exit, where a driver may be in any state.
  static Host& host = *new Host;
  return host;
}

#if defined(PORTLAB_WITH_LIBFUZZER)
// Instead of a new input, one that is to be looked at alone; 0: there is none.
std::size_t Suspect(std::uint8_t* to, std::size_t room) {
  const std::optional<Bytes> input = TheHost().residue.NextSuspect();
  if (!input || input->size() > room) return 0;
  std::ranges::copy(*input, to);
  return input->size();
}
#endif

}  // namespace

// For replay_main.cc.
bool InputFromText(const std::string& text, std::string& input, std::string& error) {
  const Result<std::string> encoded = EncodeText(text);
  if (!encoded) error = encoded.error().detail;
  if (encoded) input = *encoded;
  return encoded.has_value();
}

}  // namespace portlab

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  portlab::DriverUnderTest::Load("portlab", *argc, *argv);
  portlab::TheHost();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  portlab::TheHost().Run(portlab::Bytes(data, size));
  return 0;
}

#if defined(PORTLAB_WITH_LIBFUZZER)
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t room, unsigned seed) {
  if (const std::size_t suspect = portlab::Suspect(data, room)) return suspect;
  const portlab::Mutator mutator = {LLVMFuzzerMutate, portlab::DriverUnderTest::Get().kinds()};
  return portlab::MutateOperations(data, size, room, seed, mutator);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* a, std::size_t a_size,
                                                 const std::uint8_t* b, std::size_t b_size,
                                                 std::uint8_t* out, std::size_t room,
                                                 unsigned seed) {
  if (const std::size_t suspect = portlab::Suspect(out, room)) return suspect;
  return portlab::CrossOperations(portlab::Bytes(a, a_size), portlab::Bytes(b, b_size), out, room,
                                  seed);
}
#endif

#if defined(PORTLAB_WITH_LIBFUZZER)
extern "C" void* __asan_get_report_address();

// After a report: where in the driver's memory it happened, which the allocator does not know.
extern "C" __attribute__((visibility("default"))) void __asan_on_error() {
  const void* address = __asan_get_report_address();
  std::string where = portlab::LentBuffer::Describe(address);
  if (where.empty()) where = portlab::CheckedMemory::Describe(address);
  if (!where.empty()) std::fprintf(stderr, "portlab: the address is %s\n", where.c_str());
}

// Speed while fuzzing: short stacks of allocations and a small quarantine. `portlab repro` asks for
// the long ones. What the user's own ASAN_OPTIONS say goes first.
extern "C" __attribute__((visibility("default"))) const char* __asan_default_options() {
  return "malloc_context_size=8:quarantine_size_mb=16:handle_abort=1:abort_on_error=0:"
         "detect_leaks=0:allocator_may_return_null=1";
}
extern "C" __attribute__((visibility("default"))) const char* __ubsan_default_options() {
  return "print_stacktrace=1:halt_on_error=1";
}
#endif
