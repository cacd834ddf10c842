#include "term/driver_term.h"

#include <cstring>
#include <new>

#include "base/binary_block.h"
#include "term/container.h"
#include "term/external_decoder.h"

namespace portlab {
namespace {

// OTP keeps binaries up to this size in the term; only larger ones are shared with the driver.
constexpr std::size_t kMaxCopiedBinary = 64;

template <class T>
T* Pointer(TermWord word) {
  return reinterpret_cast<T*>(word);
}

// How many words follow a tag; nullopt: no such tag.
std::optional<std::size_t> ArgumentCount(TermWord tag) {
  switch (static_cast<DriverTermTag>(tag)) {
    case DriverTermTag::kNil:
      return 0;
    case DriverTermTag::kAtom:
    case DriverTermTag::kInt:
    case DriverTermTag::kPort:
    case DriverTermTag::kTuple:
    case DriverTermTag::kList:
    case DriverTermTag::kPid:
    case DriverTermTag::kFloat:
    case DriverTermTag::kUint:
    case DriverTermTag::kInt64:
    case DriverTermTag::kUint64:
    case DriverTermTag::kMap:
      return 1;
    case DriverTermTag::kString:
    case DriverTermTag::kStringCons:
    case DriverTermTag::kExt2Term:
    case DriverTermTag::kBuf2Binary:
      return 2;
    case DriverTermTag::kBinary:
      return 3;
  }
  return std::nullopt;
}

// The bytes of a (char*, length) pair. Nullopt: a null pointer to something, or a length no buffer
// can have.
std::optional<Bytes> Buffer(TermWord pointer, TermWord length) {
  if (length > static_cast<TermWord>(PTRDIFF_MAX)) return std::nullopt;
  if (length == 0) return Bytes{};
  if (pointer == 0) return std::nullopt;
  return Bytes(Pointer<const std::uint8_t>(pointer), length);
}

template <class T>
std::optional<T> ReadAt(TermWord pointer) {
  if (pointer == 0) return std::nullopt;
  T value;
  std::memcpy(&value, Pointer<const void>(pointer), sizeof value);
  return value;
}

std::optional<Term> Immediate(TermWord word, TermKind kind) {
  std::optional<Term> term = Term::FromWord(word);
  if (term && !term->is(kind)) return std::nullopt;
  return term;
}

std::optional<Term> BinaryTerm(TermWord pointer, TermWord size, TermWord offset) {
  if (pointer == 0) return std::nullopt;
  BinaryBlock& block = *BinaryBlock::FromVisible(Pointer<void>(pointer));
  const auto whole = static_cast<TermWord>(block.size);
  if (offset > whole || size > whole - offset) return std::nullopt;
  if (size > kMaxCopiedBinary) return Term::SharedBinary(block, offset, size);
  return Term::Binary(Bytes(reinterpret_cast<const std::uint8_t*>(block.bytes()) + offset, size));
}

std::optional<Term> ExternalTerm(TermWord pointer, TermWord length) {
  const std::optional<Bytes> bytes = Buffer(pointer, length);
  if (!bytes) return std::nullopt;
  Result<Term> term = DecodeExternal(*bytes);
  if (!term) return std::nullopt;
  return *std::move(term);
}

class Machine {
 public:
  std::optional<Term> Run(std::span<const TermWord> program) {
    while (!program.empty()) {
      const TermWord tag = program.front();
      const std::optional<std::size_t> count = ArgumentCount(tag);
      if (!count || program.size() - 1 < *count) return std::nullopt;
      if (!Step(static_cast<DriverTermTag>(tag), program.subspan(1, *count))) return std::nullopt;
      program = program.subspan(1 + *count);
    }
    if (stack_.size() != 1) return std::nullopt;
    return std::move(stack_.back());
  }

 private:
  bool Step(DriverTermTag tag, std::span<const TermWord> args) {
    switch (tag) {
      case DriverTermTag::kTuple:
        return Collect(Container::kTuple, args[0]);
      case DriverTermTag::kList:
        return args[0] != 0 && Collect(Container::kList, args[0]);
      case DriverTermTag::kMap:
        return args[0] <= stack_.size() && Collect(Container::kMap, 2 * args[0]);
      case DriverTermTag::kStringCons:
        return StringCons(args[0], args[1]);
      default:
        return Push(Leaf(tag, args));
    }
  }

  static std::optional<Term> Leaf(DriverTermTag tag, std::span<const TermWord> args) {
    switch (tag) {
      case DriverTermTag::kNil:
        return Term::Nil();
      case DriverTermTag::kAtom:
        return Immediate(args[0], TermKind::kAtom);
      case DriverTermTag::kPort:
        return Immediate(args[0], TermKind::kPort);
      case DriverTermTag::kPid:
        return Immediate(args[0], TermKind::kPid);
      case DriverTermTag::kInt:
        return Term::Int(static_cast<std::int64_t>(args[0]));
      case DriverTermTag::kUint:
        return Term::Uint(args[0]);
      case DriverTermTag::kBinary:
        return BinaryTerm(args[0], args[1], args[2]);
      case DriverTermTag::kExt2Term:
        return ExternalTerm(args[0], args[1]);
      default:
        return Read(tag, args);
    }
  }

  // What is behind a pointer of the driver's.
  static std::optional<Term> Read(DriverTermTag tag, std::span<const TermWord> args) {
    if (tag == DriverTermTag::kFloat) {
      const std::optional<double> value = ReadAt<double>(args[0]);
      return value ? Term::Float(*value) : std::nullopt;
    }
    if (tag == DriverTermTag::kInt64) {
      const std::optional<std::int64_t> value = ReadAt<std::int64_t>(args[0]);
      return value ? std::optional(Term::Int(*value)) : std::nullopt;
    }
    if (tag == DriverTermTag::kUint64) {
      const std::optional<std::uint64_t> value = ReadAt<std::uint64_t>(args[0]);
      return value ? std::optional(Term::Uint(*value)) : std::nullopt;
    }
    const std::optional<Bytes> bytes = Buffer(args[0], args[1]);
    // OTP takes a null pointer for an empty binary, but not for an empty string.
    if (!bytes || (tag == DriverTermTag::kString && args[0] == 0)) return std::nullopt;
    return tag == DriverTermTag::kString ? Term::String(*bytes) : Term::Binary(*bytes);
  }

  bool Push(std::optional<Term> term) {
    if (!term) return false;
    stack_.push_back(*std::move(term));
    return true;
  }

  std::span<const Term> Top(std::size_t count) const { return std::span(stack_).last(count); }
  bool Replace(std::size_t count, std::optional<Term> term) {
    stack_.resize(stack_.size() - count);
    return Push(std::move(term));
  }

  // A negative n is a huge one here, and fails as an underflow.
  bool Collect(Container kind, TermWord n) {
    return n <= stack_.size() && Replace(n, BuildContainer(kind, Top(n)));
  }

  bool StringCons(TermWord pointer, TermWord length) {
    const std::optional<Bytes> bytes = Buffer(pointer, length);
    if (!bytes || pointer == 0 || stack_.empty()) return false;
    return Replace(1, Term::String(*bytes, stack_.back()));
  }

  std::vector<Term> stack_;
};

}  // namespace

std::optional<Term> BuildDriverTerm(std::span<const TermWord> program) {
  try {
    return Machine().Run(program);
  } catch (const std::bad_alloc&) {
    return std::nullopt;  // a driver is waiting above us: nothing may be thrown through it
  }
}

}  // namespace portlab
