// Feedback that no branch shows: which state a port was in, what was asked of it, and which state
// that led to. libFuzzer reads the counters like those of the compiler, and keeps an input that
// reaches a new combination although it runs no new code.
//
// They live in the host, as libFuzzer looks for them in the main program only, and small, as states
// are situations and not histories. Threads: the fuzzer's one. Source: fuzzing.md 5.4.
#pragma once

#include <cstdint>
#include <string>

#include "fuzz/operations/operation.h"
#include "portlab/runtime.h"

namespace portlab {

// What a port is like, as far as an operation may depend on it: below kPortSituations; 0: it is
// gone.
inline constexpr std::uint32_t kPortSituations = 32;
std::uint32_t SituationOf(PortId port);

// "busy, timer"; "gone".
std::string SituationInWords(std::uint32_t situation);

// Once for each pair, on stderr: "portlab: REACHED control in: busy, timer".
void TellReached(std::uint32_t situation, OperationKind operation);

void CountTransition(std::uint32_t before, OperationKind operation, std::uint32_t after);

}  // namespace portlab
