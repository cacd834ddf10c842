// Mutations of whole operations: insert, drop, copy, swap, change the port, the number or the
// bytes; and crossing two inputs between operations.
//
// Bytes inside an operation are left to libFuzzer's own mutations, so its dictionary and its table
// of recent compares work there. Threads: pure. Ownership: writes into the caller's buffer.
// Determinism: the same seed and input give the same output, as far as `mutate_bytes` does.
// Source: fuzzing.md 5.3; LLVMFuzzerCustomMutator of LLVM's FuzzerInterface.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/operations/operation.h"
#include "portlab/term.h"

namespace portlab {

// As LLVMFuzzerMutate: changes `size` bytes in place, at most `room`; the new size.
using MutateBytes = std::size_t (*)(std::uint8_t* data, std::size_t size, std::size_t room);

struct Mutator {
  MutateBytes mutate_bytes = nullptr;
  // What a new operation may be; a kind that stands here more often comes more often.
  std::span<const OperationKind> kinds;
  std::size_t ports = kOperationPorts;  // that operations are for
};

// The new size of the input in `data`, at most `room`.
std::size_t MutateOperations(std::uint8_t* data, std::size_t size, std::size_t room,
                             std::uint64_t seed, const Mutator& mutator);

// Operations of `a` and `b` in turns of random length, in their order; the size of `out`.
std::size_t CrossOperations(Bytes a, Bytes b, std::uint8_t* out, std::size_t room,
                            std::uint64_t seed);

}  // namespace portlab
