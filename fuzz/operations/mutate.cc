#include "fuzz/operations/mutate.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "base/copy_bytes.h"
#include "base/random.h"

namespace portlab {
namespace {

// Sequences this long are seldom worth more; more come from seeds and crossings.
constexpr std::size_t kGrowTo = 12;
constexpr std::size_t kScratch = 4096;
// One in so many mutations is of the input as bytes, records or not.
constexpr std::uint64_t kRawEvery = 64;

// The operations of an input, and room for the bytes of those that change.
class Sequence {
 public:
  explicit Sequence(Bytes input) {
    OperationReader reader(input);
    while (size_ < operations_.size() && reader.Next(operations_[size_])) ++size_;
  }

  std::size_t size() const { return size_; }
  OperationView& operator[](std::size_t at) { return operations_[at]; }
  std::span<OperationView> all() { return {operations_.data(), size_}; }

  void Insert(std::size_t at, const OperationView& operation) {
    if (size_ == operations_.size()) return;
    std::copy_backward(operations_.begin() + at, operations_.begin() + size_,
                       operations_.begin() + size_ + 1);
    operations_[at] = operation;
    ++size_;
  }
  void Drop(std::size_t at, std::size_t count) {
    std::copy(operations_.begin() + at + count, operations_.begin() + size_,
              operations_.begin() + at);
    size_ -= count;
  }

  // Cuts what does not fit.
  std::size_t Encode(std::uint8_t* out, std::size_t room) {
    std::uint8_t* at = out;
    for (const OperationView& operation : all()) {
      std::uint8_t* after = EncodeOperation(operation, at, out + room);
      if (after == nullptr) break;
      at = after;
    }
    return static_cast<std::size_t>(at - out);
  }

 private:
  std::array<OperationView, kOperationsMax> operations_;
  std::size_t size_ = 0;
};

class Mutation {
 public:
  Mutation(Sequence& sequence, Random& random, const Mutator& mutator)
      : sequence_(sequence), random_(random), mutator_(mutator) {}

  void Apply() {
    if (sequence_.size() == 0) return Insert();
    switch (random_.Below(12)) {
      case 0:
        return Insert();
      case 1:
        return sequence_.Drop(Any(), 1);
      case 2:
        return sequence_.Insert(Any(), sequence_[Any()]);
      case 3:
        return std::swap(sequence_[Any()], sequence_[Any()]);
      case 4:
        return Move();
      case 5:
        return RewirePort();
      case 6:
        sequence_[Any()].kind = AnyKind();
        return;
      case 7:
      case 8:
        return ChangeNumber();
      default:
        return ChangeBytes();
    }
  }

 private:
  std::size_t Any() { return random_.Below(sequence_.size()); }
  OperationKind AnyKind() { return mutator_.kinds[random_.Below(mutator_.kinds.size())]; }

  void Insert() {
    if (sequence_.size() >= kGrowTo) return sequence_.Drop(Any(), 1);
    OperationView fresh;
    // Most kinds do nothing without a port: the first of a driver's is an open.
    fresh.kind = sequence_.size() == 0 ? mutator_.kinds.front() : AnyKind();
    fresh.port = static_cast<std::uint8_t>(random_.Below(std::min<std::size_t>(2, mutator_.ports)));
    if (sequence_.size() != 0) {
      const OperationView& like = sequence_[Any()];
      fresh.port = like.port;
      fresh.bytes = like.bytes;
      fresh.number = like.number;
    }
    sequence_.Insert(random_.Below(sequence_.size() + 1), fresh);
  }

  void Move() {
    const std::size_t from = Any();
    const OperationView moved = sequence_[from];
    sequence_.Drop(from, 1);
    sequence_.Insert(random_.Below(sequence_.size() + 1), moved);
  }

  // All operations of one port go to another: a sequence that worked works there, too.
  void RewirePort() {
    if (mutator_.ports == 1) return ChangeBytes();
    const std::uint8_t from = sequence_[Any()].port;
    const auto to = static_cast<std::uint8_t>(random_.Below(mutator_.ports));
    if (random_.Below(2) == 0) {
      sequence_[Any()].port = to;
      return;
    }
    for (OperationView& operation : sequence_.all()) {
      if (operation.port == from) operation.port = to;
    }
  }

  void ChangeNumber() {
    OperationView& operation = sequence_[Any()];
    const std::size_t width = ShapeOf(operation.kind).number_bytes;
    if (width == 0) return ChangeBytes();
    switch (random_.Below(4)) {
      case 0:
        operation.number = static_cast<std::uint32_t>(random_.Below(16));
        break;
      case 1:
        operation.number += static_cast<std::uint32_t>(random_.Below(7)) - 3;
        break;
      case 2:
        operation.number = sequence_[Any()].number;
        break;
      default:
        // libFuzzer knows what the driver compared its operations with.
        std::array<std::uint8_t, sizeof(operation.number)> bytes;
        std::memcpy(bytes.data(), &operation.number, bytes.size());
        mutator_.mutate_bytes(bytes.data(), width, width);
        std::memcpy(&operation.number, bytes.data(), bytes.size());
    }
  }

  void ChangeBytes() {
    OperationView& operation = sequence_[Any()];
    if (!ShapeOf(operation.kind).has_bytes) {
      // Rather another operation's: those without bytes would waste the turn.
      for (OperationView& other : sequence_.all()) {
        if (ShapeOf(other.kind).has_bytes) return Change(other);
      }
      return Insert();
    }
    Change(operation);
  }

  void Change(OperationView& operation) {
    const std::size_t size = std::min(operation.bytes.size(), scratch_.size());
    CopyBytes(scratch_.data(), operation.bytes.data(), size);
    if (size == 0) scratch_[0] = 0;
    const std::size_t now = mutator_.mutate_bytes(scratch_.data(), size, scratch_.size());
    operation.bytes = Bytes(scratch_.data(), now);
  }

  Sequence& sequence_;
  Random& random_;
  const Mutator& mutator_;
  std::array<std::uint8_t, kScratch> scratch_;
};

}  // namespace

std::size_t MutateOperations(std::uint8_t* data, std::size_t size, std::size_t room,
                             std::uint64_t seed, const Mutator& mutator) {
  Random random(seed);
  if (size == 0 || random.Below(kRawEvery) == 0) return mutator.mutate_bytes(data, size, room);
  // What is encoded overlaps what it was decoded from.
  thread_local std::array<std::uint8_t, 1 << 17> copy;
  size = std::min(size, copy.size());
  std::memcpy(copy.data(), data, size);
  Sequence sequence(Bytes(copy.data(), size));
  Mutation mutation(sequence, random, mutator);  // the sequence may point into it
  mutation.Apply();
  const std::size_t encoded = sequence.Encode(data, room);
  // libFuzzer takes an empty input for a mutation that failed.
  return encoded > 0 ? encoded : mutator.mutate_bytes(data, size, room);
}

std::size_t CrossOperations(Bytes a, Bytes b, std::uint8_t* out, std::size_t room,
                            std::uint64_t seed) {
  Random random(seed);
  std::array<OperationReader, 2> readers = {OperationReader(a), OperationReader(b)};
  std::uint8_t* at = out;
  std::size_t from = random.Below(2);
  for (bool any = true; any; from = 1 - from) {
    any = false;
    OperationView operation;
    for (std::uint64_t turn = 1 + random.Below(4); turn > 0; --turn) {
      if (!readers[from].Next(operation)) break;
      std::uint8_t* after = EncodeOperation(operation, at, out + room);
      if (after == nullptr) return static_cast<std::size_t>(at - out);
      at = after;
      any = true;
    }
    if (!any) any = !readers[1 - from].done();
  }
  return static_cast<std::size_t>(at - out);
}

}  // namespace portlab
