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

// Takes out whatever pieces of this length are not needed; the last first, as what comes after the
// failing operation goes at once. False: all are needed.
template <class Sequence, class FirstFailing>
bool TakeOutOnce(Sequence& sequence, std::size_t piece, const FirstFailing& first_failing) {
  bool any = false;
  std::size_t left = (sequence.size() + piece - 1) / piece;
  while (left > 0) {
    std::vector<Sequence> smaller;
    while (smaller.size() < std::min(left, kBatch)) {
      smaller.push_back(Without(sequence, (left - smaller.size() - 1) * piece, piece));
    }
    const std::optional<std::size_t> fails = first_failing(smaller);
    if (fails) sequence = std::move(smaller[*fails]);
    any = any || fails;
    // What lies behind was asked about, and what lies before has not moved.
    left -= fails ? *fails + 1 : smaller.size();
  }
  return any;
}

// `first_failing`: the index of the first of several sequences that fails, or nullopt.
template <class Sequence, class FirstFailing>
void TakeOutPieces(Sequence& sequence, const FirstFailing& first_failing) {
  const std::size_t smallest = std::max<std::size_t>(1, sequence.size() / kPiecesMax);
  std::size_t piece = sequence.size();
  while (piece >= smallest && !sequence.empty()) {
    const bool again = TakeOutOnce(sequence, piece, first_failing);
    if (!again || piece > smallest) piece /= 2;
  }
}

// The question about sequences that an oracle answers about the inputs made of them.
template <class InputOf>
auto AskedAsInputs(InputOf input_of, const FailsAsWanted& oracle) {
  return [input_of, &oracle](const auto& sequences) {
    std::vector<std::string> candidates;
    for (const auto& sequence : sequences) candidates.push_back(input_of(sequence));
    return oracle(candidates);
  };
}

}  // namespace

std::vector<Operation> MinimiseOperations(std::vector<Operation> operations,
                                          const FailsAsWanted& oracle) {
  TakeOutPieces(
      operations,
      AskedAsInputs([](const std::vector<Operation>& rest) { return EncodeOperations(rest); },
                    oracle));
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
    TakeOutPieces(bytes, AskedAsInputs(input_of, oracle));
    operations[i].bytes = bytes;
  }
  return operations;
}

std::vector<std::string> MinimiseHistory(std::vector<std::string> before,
                                         const SequenceFails& fails) {
  using Sequences = std::vector<std::vector<std::string>>;
  TakeOutPieces(before, [&fails](const Sequences& candidates) -> std::optional<std::size_t> {
    const auto found = std::ranges::find_if(candidates, fails);
    if (found == candidates.end()) return std::nullopt;
    return static_cast<std::size_t>(found - candidates.begin());
  });
  return before;
}

std::string MinimiseInput(const std::string& input, const FailsAsWanted& oracle,
                          std::size_t operations_max) {
  std::vector<Operation> operations = DecodeOperations(AsBytes(input), operations_max);
  const std::string encoded = EncodeOperations(operations);
  if (encoded != input && !oracle({encoded})) return input;
  operations = MinimiseOperations(std::move(operations), oracle);
  operations = MinimiseBytes(std::move(operations), oracle);
  const std::string smallest = EncodeOperations(operations);
  return smallest.size() <= input.size() ? smallest : input;
}

}  // namespace portlab
