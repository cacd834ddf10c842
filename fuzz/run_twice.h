// Whether an input does the same when it is run a second time in one process. What differs comes
// from state that the driver keeps between ports: a crash that rests on it cannot be repeated with
// one input.
//
// For each input one line on stderr, which fuzz/campaign/stability_run.h reads:
//   portlab: STABLE
//   portlab: UNSTABLE operation 3: control p0 0x7 "": "one", open; then: "two", open
//   portlab: UNSTABLE message 1: …; then: …
//   portlab: UNSTABLE edge: remember my_drv.c:71; then only   (or "first only")
// Answers and messages first: they say more than an edge.
//
// Threads: the fuzzer's one. Ownership: borrows. Errors: none. Source: fuzzing.md 5.5.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "fuzz/operation_runner.h"

namespace portlab {

// The driver's counters of edges and their table of addresses, by where they are in its file.
struct EdgePlaces {
  std::uintptr_t counters = 0;
  std::size_t count = 0;
  std::uintptr_t table = 0;
};
// "0x4000,120,0x5000"; nullopt: it is none.
std::optional<EdgePlaces> EdgePlacesFrom(std::string_view text);

// `edges`: without them only what can be seen from outside is compared.
void RunTwice(OperationRunner& runner, const std::optional<EdgePlaces>& edges, Bytes input);

}  // namespace portlab
