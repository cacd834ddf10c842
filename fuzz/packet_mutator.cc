// How libFuzzer changes inputs for a program of a port: packets are all there is.
#include <array>

#include "fuzz/operations/mutate.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t room);

namespace {

constexpr std::array kKinds = {portlab::OperationKind::kCommand};

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t room, unsigned seed) {
  return portlab::MutateOperations(data, size, room, seed, {LLVMFuzzerMutate, kKinds, 1});
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* a, std::size_t a_size,
                                                 const std::uint8_t* b, std::size_t b_size,
                                                 std::uint8_t* out, std::size_t room,
                                                 unsigned seed) {
  return portlab::CrossOperations(portlab::Bytes(a, a_size), portlab::Bytes(b, b_size), out, room,
                                  seed);
}
