#include "fuzz/campaign/minimise.h"

#include <algorithm>

namespace portlab {
namespace {

// `whole` without the elements from `at` on, `count` of them.
template <class Sequence>
Sequence Without(const Sequence& whole, std::size_t at, std::size_t count) {
  Sequence rest(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(at));
  const std::size_t end = std::min(whole.size(), at + count);
  rest.insert(rest.end(), whole.begin() + static_cast<std::ptrdiff_t>(end), whole.end());
  return rest;
}

// How many candidates one question has at most: they are files on a command line.
constexpr std::size_t kBatch = 64;
// Pieces are no smaller than this part of a long sequence: each is a candidate of its own.
constexpr std::size_t kPiecesMax = 512;

// The first that fails of `whole` without a piece, for each of its pieces; the last piece first, as
// what comes after the failing operation goes at once.
template <class Sequence, class InputOf>
std::optional<Sequence> WithoutOnePiece(const Sequence& whole, std::size_t piece,
                                        const InputOf& input_of, const FailsAsWanted& oracle) {
  std::size_t left = (whole.size() + piece - 1) / piece;
  while (left > 0) {
    std::vector<Sequence> smaller;
    std::vector<std::string> candidates;
    while (left > 0 && candidates.size() < kBatch) {
      --left;
      smaller.push_back(Without(whole, left * piece, piece));
      candidates.push_back(input_of(smaller.back()));
    }
    if (const auto fails = oracle(candidates)) return std::move(smaller[*fails]);
  }
  return std::nullopt;
}

template <class Sequence, class InputOf>
void TakeOutPieces(Sequence& sequence, const InputOf& input_of, const FailsAsWanted& oracle) {
  const std::size_t smallest = std::max<std::size_t>(1, sequence.size() / kPiecesMax);
  std::size_t piece = sequence.size();
  while (piece >= smallest && !sequence.empty()) {
    if (auto smaller = WithoutOnePiece(sequence, piece, input_of, oracle)) {
      sequence = std::move(*smaller);
      piece = std::min(piece, sequence.size());
    } else {
      piece /= 2;
    }
  }
}

}  // namespace

std::vector<Operation> MinimiseOperations(std::vector<Operation> operations,
                                          const FailsAsWanted& oracle) {
  TakeOutPieces(
      operations, [](const std::vector<Operation>& rest) { return EncodeOperations(rest); },
      oracle);
  return operations;
}

std::vector<Operation> MinimiseBytes(std::vector<Operation> operations,
                                     const FailsAsWanted& oracle) {
  for (std::size_t i = 0; i < operations.size(); ++i) {
    std::string bytes = operations[i].bytes;
    const auto input_of = [&operations, i](const std::string& rest) {
      std::vector<Operation> changed = operations;
      changed[i].bytes = rest;
      return EncodeOperations(changed);
    };
    TakeOutPieces(bytes, input_of, oracle);
    operations[i].bytes = bytes;
  }
  return operations;
}

std::string MinimiseInput(const std::string& input, const FailsAsWanted& oracle) {
  std::vector<Operation> operations = DecodeOperations(AsBytes(input));
  const std::string encoded = EncodeOperations(operations);
  if (encoded != input && !oracle({encoded})) return input;
  operations = MinimiseOperations(std::move(operations), oracle);
  operations = MinimiseBytes(std::move(operations), oracle);
  const std::string smallest = EncodeOperations(operations);
  return smallest.size() <= input.size() ? smallest : input;
}

}  // namespace portlab
